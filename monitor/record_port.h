/*
 * The writing of our records behind the run loop's port. Where a recovery certificate is configured, a kept key pair is
 * sealed to it on the way: the open pair never leaves this file, and what goes on is bytes that nothing on this host
 * opens.
 */
#ifndef MONITOR_RECORD_PORT_H
#define MONITOR_RECORD_PORT_H

#include "core/ports.h"
#include "monitor/look_port.h"
#include "renew/keystore.h"

struct record_port_context {
    const struct look_port *look;
    const struct keystore *store;
    const char *recovery_certificate; /* a path; NULL = nothing is sealed */
};

/* The port; `context` is borrowed. */
struct record_port record_port_of(struct record_port_context *context);

#endif
