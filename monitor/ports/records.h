/*
 * The writing of our records behind the run loop's port. Where a recovery certificate is configured, a kept key pair is
 * sealed to it on the way: the open pair never leaves this file, and what goes on is bytes that nothing on this host
 * opens.
 */
#ifndef MONITOR_PORTS_RECORDS_H
#define MONITOR_PORTS_RECORDS_H

#include "core/ports.h"
#include "monitor/ports/directory.h"
#include "renew/keys/keystore.h"

struct record_port_context {
    const struct look_port *look;
    const struct keystore *store;
    const char *recovery_certificate; /* a path; NULL = nothing is sealed */
};

/* The port; `context` is borrowed. */
struct record_port record_port_of(struct record_port_context *context);

#endif
