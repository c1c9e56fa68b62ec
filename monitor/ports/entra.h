/*
 * Entra behind the run loop's port: the keys come from the key store, for one signature each, and the pairs made for
 * Entra alone from a store of their own beside it.
 */
#ifndef MONITOR_PORTS_ENTRA_H
#define MONITOR_PORTS_ENTRA_H

#include "core/ports.h"
#include "entra/client.h"
#include "monitor/config/config.h"
#include "renew/keys/keystore.h"

#include <stdint.h>
#include <time.h>

/* The folder and the subject of the pairs made for Entra alone. */
#define ENTRA_FOLDER "entra"
#define ENTRA_SUBJECT "authcert enrolment key"
#define ENTRA_OWN_YEARS 2

struct entra_port_context {
    const struct config *config;
    struct keystore keys, own;
    time_t now;                  /* when the run began, */
    int64_t milliseconds;        /* and by the clock that nobody sets */
    struct entra_client *client; /* NULL until the first question */
};

/* The port, which asks where the configuration wants it and `asks` is true; `context` is borrowed and ended with
 * entra_port_end. */
struct entra_port entra_port_of(struct entra_port_context *context, const struct config *config, int state, time_t now,
                                bool asks);
void entra_port_end(struct entra_port_context *context);

/* Asks one tenant with a key that nobody knows, which has to be refused. */
bool entra_port_try_stranger(struct entra_port_context *context, const struct tenant *tenant,
                             struct entra_verdict *ret_verdict, struct error *err) MUST_CHECK;

#endif
