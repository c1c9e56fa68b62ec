/*
 * The asking of Exchange servers behind the run loop's port.
 */
#ifndef MONITOR_PORTS_SERVERS_H
#define MONITOR_PORTS_SERVERS_H

#include "core/ports.h"
#include "monitor/config/config.h"

#include <time.h>

struct servers_port_context {
    const struct probe_settings *settings;
    time_t now;
};

/* The port, in which ask is NULL where the configuration wants nobody asked. Fills `context` in place; both are
 * borrowed for the life of the port. */
struct servers_port servers_port_of(struct servers_port_context *context, const struct config *config, time_t now);

/* The same over WinRM. */
struct windows_port windows_port_of(const struct config *config);

#endif
