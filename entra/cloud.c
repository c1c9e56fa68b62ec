#include "entra/cloud.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    const char *login;
    const char *graph;
} clouds[CLOUD_COUNT] = {
    [CLOUD_GLOBAL] = {"global", "https://login.microsoftonline.com", "https://graph.microsoft.com"},
    [CLOUD_USGOV] = {"usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us"},
    [CLOUD_DOD] = {"dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"},
    [CLOUD_CHINA] = {"china", "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"},
    [CLOUD_BLEU] = {"bleu", "https://login.sovcloud-identity.fr", "https://graph.svc.sovcloud.fr"},
    [CLOUD_DELOS] = {"delos", "https://login.sovcloud-identity.de", "https://graph.svc.sovcloud.de"},
    [CLOUD_CUSTOM] = {"custom", NULL, NULL},
};

const char *cloud_name(enum cloud cloud) {
    return clouds[cloud].name;
}

const char *cloud_login(enum cloud cloud) {
    return clouds[cloud].login;
}

const char *cloud_graph(enum cloud cloud) {
    return clouds[cloud].graph;
}

enum cloud cloud_of_login(const char *host) {
    /* Older names of the global one that still stand in directories. */
    static const char *const global[] = {"login.windows.net", "sts.windows.net", "accounts.accesscontrol.windows.net"};

    for (size_t i = 0; i < sizeof(global) / sizeof(global[0]); i++)
        if (strcasecmp(host, global[i]) == 0)
            return CLOUD_GLOBAL;
    for (int cloud = CLOUD_GLOBAL; cloud < CLOUD_CUSTOM; cloud++)
        if (strcasecmp(host, clouds[cloud].login + strlen("https://")) == 0)
            return (enum cloud)cloud;
    return CLOUD_CUSTOM;
}
