/*
 * The directory and the ports of the servers behind the run loop's port for the other certificates.
 */
#ifndef MONITOR_PORTS_INVENTORY_H
#define MONITOR_PORTS_INVENTORY_H

#include "core/ports.h"
#include "monitor/config/config.h"

#include <time.h>

struct inventory_port_context {
    const struct config *config;
    time_t now;
};

/* The port, in which look is NULL where the configuration does not want it. Fills `context` in place; both are borrowed
 * for the life of the port. */
struct inventory_port inventory_port_of(struct inventory_port_context *context, const struct config *config,
                                        time_t now);

/* Of a struct inventory_port_context, whatever the configuration wants: the look itself, as port.look; */
void inventory_port_look(void *context, const struct facts *facts, bool old_tls, struct inventory *ret_inventory);

/* and of the directory alone, without any port. */
void inventory_port_read(struct inventory_port_context *context, const struct facts *facts,
                         struct inventory *ret_inventory);

#endif
