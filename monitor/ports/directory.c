#include "monitor/ports/directory.h"

#include "base/clock.h"

/* A delivery between two looks may take longer than clocks may differ: the directory's is held against this moment, not
 * against the beginning. */
static time_t this_moment(const struct look_port *port) {
    return port->now + (clock_milliseconds() - port->began) / 1000;
}

static void look(void *context, struct facts *ret_facts) {
    struct look_port *port = context;

    directory_look(port->settings, &port->known, this_moment(port), ret_facts);
}

static bool compare(void *context, struct facts *facts, struct error *err) {
    const struct look_port *port = context;

    return directory_compare(port->settings, port->now, facts, err);
}

struct directory_port look_port_of(struct look_port *port) {
    const struct directory_settings *settings = port->settings;
    const char *first = settings->uris.count > 0 ? settings->uris.items[0] : NULL;

    port->began = clock_milliseconds();
    return (struct directory_port){
        .context = port, .name = settings->domain != NULL ? settings->domain : first, .look = look, .compare = compare};
}

void look_port_end(struct look_port *port) {
    directory_known_free(&port->known);
}
