#include "monitor/ports/servers.h"

#include <stdlib.h>
#include <string.h>

#include "probe/probe.h"
#include "windows/windows.h"

static bool ask(void *context, const struct strings *servers, const struct progress_port *progress,
                struct probed *ret_probed, struct error *err) {
    const struct servers_port_context *port = context;

    return probe_servers(port->settings, servers, port->now, progress, ret_probed, err);
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

/* What each step came to, or why there was none. */
static char *detail_of(const struct windows_result *result) {
    const struct script_answer *answer = &result->answers[0];
    struct text text = {0};

    if (result->trouble != NULL)
        text_format(&text, "%s%s", result->trouble,
                    result->lost ? "; whether its services were restarted is not known" : "");
    else if (answer->step_count == 0)
        text_format(&text, "%s%s%s",
                    windows_proof(answer->state) != PROOF_UNKNOWN ? proof_name(windows_proof(answer->state)) : "",
                    windows_proof(answer->state) != PROOF_UNKNOWN && answer->message[0] != '\0' ? ", " : "",
                    answer->message);
    for (size_t i = 0; result->trouble == NULL && i < answer->step_count; i++)
        text_format(&text, "%s%s", i > 0 ? ", " : "", answer->steps[i]);
    return text_take(&text);
}

static bool refresh(void *context, const struct strings *servers, const struct certificate *certificate,
                    struct refreshed **ret_refreshed, struct error *err) {
    const struct windows_settings *settings = context;
    struct windows_result *results = NULL;
    struct refreshed *refreshed;
    bool ok = true;

    if (!windows_refresh(settings, servers, certificate, &results, err))
        return false;
    refreshed = calloc(servers->count + 1, sizeof(*refreshed));
    for (size_t i = 0; refreshed != NULL && i < servers->count && ok; i++) {
        refreshed[i] =
            (struct refreshed){.fqdn = strdup(results[i].fqdn),
                               .done = results[i].trouble == NULL && results[i].answers[0].state == SCRIPT_REFRESHED,
                               .detail = detail_of(&results[i])};
        ok = refreshed[i].fqdn != NULL && refreshed[i].detail != NULL;
    }
    windows_free(results, servers->count);
    if (refreshed == NULL)
        return error_memory(err);
    if (!ok) {
        for (size_t i = 0; i < servers->count; i++) {
            free(refreshed[i].fqdn);
            free(refreshed[i].detail);
        }
        free(refreshed);
        return error_memory(err);
    }
    *ret_refreshed = refreshed;
    return true;
}

struct windows_port windows_port_of(const struct config *config) {
    bool used = config->policy.method == DELIVERY_BY_WINRM;

    return (struct windows_port){.context = (void *)(size_t)&config->windows,
                                 .look = used && config->windows_look ? look : NULL,
                                 .refresh = used ? refresh : NULL};
}
