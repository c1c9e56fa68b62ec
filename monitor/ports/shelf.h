/*
 * The certificates kept on this host behind the run loop's port.
 */
#ifndef MONITOR_PORTS_SHELF_H
#define MONITOR_PORTS_SHELF_H

#include "core/ports.h"
#include "renew/keys/shelf.h"

#include <stdbool.h>

/* The port; `shelf` is borrowed. `only_read`: what is to be kept is forgotten, and that is no failure. */
struct shelf_port shelf_port_of(struct shelf *shelf, bool only_read);

#endif
