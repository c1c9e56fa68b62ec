#include "monitor/look_port.h"

static void look(void *context, struct facts *ret_facts) {
    struct look_port *port = context;

    directory_look(port->settings, &port->known, port->now, ret_facts);
}

static bool compare(void *context, struct facts *facts, struct error *err) {
    const struct look_port *port = context;

    return directory_compare(port->settings, port->now, facts, err);
}

struct directory_port look_port_of(struct look_port *port) {
    return (struct directory_port){.context = port, .look = look, .compare = compare};
}

void look_port_end(struct look_port *port) {
    directory_known_free(&port->known);
}
