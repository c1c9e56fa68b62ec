/*
 * The writing of the auth configuration and of our records behind the run loop's ports. Where a recovery certificate
 * is configured, a kept key pair is sealed to it on the way: the open pair never leaves this file, and what goes on is
 * bytes that nothing on this host opens.
 */
#ifndef MONITOR_PORTS_RECORDS_H
#define MONITOR_PORTS_RECORDS_H

#include "core/ports.h"
#include "monitor/ports/directory.h"
#include "renew/keys/keystore.h"
#include "renew/keys/seal.h"

struct record_port_context {
    const struct look_port *look;
    const struct keystore *store;
    const char *recovery_certificate; /* a path; NULL = nothing is sealed */
};

/* Reads the recovery certificate; the error leaves the path to the caller. */
bool record_port_recovery(const char *path, struct recovery *ret_recovery, struct error *err) MUST_CHECK;

/* The port; `context` is borrowed. */
struct record_port record_port_of(struct record_port_context *context);

/* The port to the auth configuration; `look` is borrowed for its settings. */
struct writer_port write_port_of(struct look_port *look);

#endif
