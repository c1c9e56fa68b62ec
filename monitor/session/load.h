/*
 * The first that every command does with its invocation: the configuration is loaded.
 */
#ifndef MONITOR_SESSION_LOAD_H
#define MONITOR_SESSION_LOAD_H

#include "base/error.h"
#include "monitor/config/config.h"
#include "monitor/session/invocation.h"

#include <stdbool.h>

/* What is loaded beside the plain settings. */
enum {
    LOAD_SECRETS = 1,
    LOAD_KEY_PASSWORD = 2,
    LOAD_KEY_PASSWORD_TO_RENEW = 4 /* where the mode is renew, or Entra is asked */
};

/* Loads the configuration and warns of what is odd in it when the admin wants to hear more. On failure every error is
 * on standard error, nothing is to be freed, and `err` (may be NULL) sums up for an answer on standard output. */
bool load_configuration(const struct invocation *invocation, int what, struct config *ret_config,
                        struct error *err) MUST_CHECK;

/* The same with every error in `errors`, to be freed in any case. */
bool load_configuration_or(const struct invocation *invocation, int what, struct config *ret_config,
                           struct strings *errors) MUST_CHECK;

/* The same, and a failure is answered to a program that wants its object. */
bool load_or_answer(const struct invocation *invocation, int what, struct config *ret_config) MUST_CHECK;

#endif
