#include "monitor/ports/servers.h"

#include "probe/probe.h"
#include "windows/windows.h"

static bool ask(void *context, const struct strings *servers, struct probed *ret_probed, struct error *err) {
    const struct servers_port_context *port = context;

    return probe_servers(port->settings, servers, port->now, ret_probed, err);
}

struct servers_port servers_port_of(struct servers_port_context *context, const struct config *config, time_t now) {
    *context = (struct servers_port_context){.settings = &config->probe, .now = now};
    return (struct servers_port){.context = context, .ask = config->probes ? ask : NULL};
}

static bool look(void *context, const struct strings *servers, const struct certificate *const *certificates,
                 size_t count, time_t now, struct proofs *proofs, struct error *err) {
    const struct windows_settings *settings = context;

    return windows_look(settings, servers, certificates, count, now, proofs, err);
}

struct windows_port windows_port_of(const struct config *config) {
    return (struct windows_port){.context = (void *)(size_t)&config->windows,
                                 .look =
                                     config->policy.method == DELIVERY_BY_WINRM && config->windows_look ? look : NULL};
}
