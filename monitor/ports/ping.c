#include "monitor/ports/ping.h"

#include <stdio.h>

#include "notify/ping.h"

void ping_port_begin(struct ping_port *port, const struct config *config) {
    struct error err = {0};

    if (config->ping.url.value == NULL)
        return;
    port->settings = &config->ping;
    if (!ping_start(port->settings, &err))
        fprintf(stderr, "authcert: %s\n", err.text);
}

void ping_port_end(struct ping_port *port, int status) {
    struct error err = {0};

    if (port->settings != NULL && !ping_end(port->settings, status, &err))
        fprintf(stderr, "authcert: %s\n", err.text);
    port->settings = NULL;
}
