#include "core/probed.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void probed_free(struct probed *probed) {
    if (probed == NULL)
        return;
    for (size_t i = 0; i < probed->server_count; i++) {
        free(probed->servers[i].fqdn);
        free(probed->servers[i].trouble);
        free(probed->servers[i].realm);
        free(probed->servers[i].service_name);
        free(probed->servers[i].thumbprints);
    }
    free(probed->servers);
    for (size_t i = 0; i < probed->certificate_count; i++)
        certificate_free(probed->certificates[i]);
    free(probed->certificates);
    *probed = (struct probed){0};
}

const struct probed_server *probed_server(const struct probed *probed, const char *fqdn) {
    for (size_t i = 0; i < probed->server_count; i++)
        if (strcasecmp(probed->servers[i].fqdn, fqdn) == 0)
            return &probed->servers[i];
    return NULL;
}

const struct certificate *probed_certificate(const struct probed *probed, const char *thumbprint) {
    for (size_t i = 0; i < probed->certificate_count; i++)
        if (strcmp(probed->certificates[i]->thumbprint, thumbprint) == 0)
            return probed->certificates[i];
    return NULL;
}
