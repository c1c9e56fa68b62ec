/*
 * The writing of the auth configuration behind the run loop's port.
 */
#ifndef MONITOR_PORTS_WRITER_H
#define MONITOR_PORTS_WRITER_H

#include "core/ports.h"
#include "monitor/ports/directory.h"

/* The port; `look` is borrowed for its settings. */
struct writer_port write_port_of(struct look_port *look);

#endif
