/*
 * The directory room behind the run loop's port.
 */
#ifndef MONITOR_PORTS_DIRECTORY_H
#define MONITOR_PORTS_DIRECTORY_H

#include "core/ports.h"
#include "ldap/compare.h"
#include "ldap/look.h"

#include <stdint.h>
#include <time.h>

struct look_port {
    const struct directory_settings *settings;
    time_t now;
    int64_t began;                /* `now` on the monotonic clock; set by look_port_of */
    struct directory_known known; /* of the servers, from one look to the next */
};

/* The port; `look` is borrowed as its context. */
struct directory_port look_port_of(struct look_port *look);

/* Frees what the looks have learnt. */
void look_port_end(struct look_port *look);

#endif
