#include "monitor/ports/servers.h"

#include "probe/probe.h"

static bool ask(void *context, const struct strings *servers, struct probed *ret_probed, struct error *err) {
    const struct servers_port_context *port = context;

    return probe_servers(port->settings, servers, port->now, ret_probed, err);
}

struct servers_port servers_port_of(struct servers_port_context *context, const struct config *config, time_t now) {
    *context = (struct servers_port_context){.settings = &config->probe, .now = now};
    return (struct servers_port){.context = context, .ask = config->probes ? ask : NULL};
}
