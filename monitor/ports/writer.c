#include "monitor/ports/writer.h"

#include "ldap/write/auth_config.h"

static enum write_result write_change(void *context, const struct facts *facts, const struct change *change,
                                      struct error *err) {
    const struct look_port *port = context;

    return directory_write(port->settings, port->now, facts, change, err);
}

struct writer_port write_port_of(struct look_port *look) {
    return (struct writer_port){.context = look, .write = write_change};
}
