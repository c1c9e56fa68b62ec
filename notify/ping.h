/*
 * A dead man's switch in the manner of healthchecks: one GET when a run begins, one when it has ended, so that someone
 * else notices a run that never comes. The address is a secret. It carries nothing but the exit status.
 */
#ifndef NOTIFY_PING_H
#define NOTIFY_PING_H

#include "base/error.h"
#include "base/secret.h"

#include <stdbool.h>

#define PING_TIMEOUT 5 /* seconds: a run does not wait long for it */

struct ping_settings {
    struct secret url; /* the base address; no value = no ping */
    const char *proxy; /* borrowed; NULL = none */
};

/* Calls the base address with "/start" behind its path. */
bool ping_start(const struct ping_settings *settings, struct error *err) MUST_CHECK;

/* Calls the base address after exit status 0, and with "/STATUS" behind its path after another one. */
bool ping_end(const struct ping_settings *settings, int status, struct error *err) MUST_CHECK;

/* For doctor: connects, and calls nothing. */
bool ping_probe(const struct ping_settings *settings, struct error *err) MUST_CHECK;

#endif
