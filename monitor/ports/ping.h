/*
 * The dead man's switch around a run: told when the run begins and how it ended. It never changes how a run ends; what
 * goes wrong with it is a remark on standard error.
 */
#ifndef MONITOR_PORTS_PING_H
#define MONITOR_PORTS_PING_H

#include "monitor/config/config.h"

struct ping_port {
    const struct ping_settings *settings; /* NULL = this command is no run, or no switch is configured */
};

/* Tells that a run begins. Borrows the configuration until ping_port_end. */
void ping_port_begin(struct ping_port *port, const struct config *config);

/* Tells how it ended. Does nothing without ping_port_begin. */
void ping_port_end(struct ping_port *port, int status);

#endif
