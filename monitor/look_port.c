#include "monitor/look_port.h"

static void look(void *context, struct facts *ret_facts) {
    const struct look_port *port = context;

    directory_look(port->settings, port->now, ret_facts);
}

struct directory_port look_port_of(struct look_port *port) {
    return (struct directory_port){.context = port, .look = look};
}
