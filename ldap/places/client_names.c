#include "ldap/places/objects.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/places/attributes.h"
#include "ldap/read/names.h"

#define URL_MOST 1024
#define HTTPS "https://"
#define HTTPS_PORT 443
#define BACK_END_PORT 444 /* of the servers among each other */

/* The kinds of virtual directories, by their classes. */
static const struct {
    const char *name;
    enum name_use_kind kind;
} classes[] = {
    {"msExchOWAVirtualDirectory", USE_OWA},
    {"msExchECPVirtualDirectory", USE_ECP},
    {"msExchWebServicesVirtualDirectory", USE_EWS},
    {"msExchOABVirtualDirectory", USE_OAB},
    {"msExchMobileVirtualDirectory", USE_ACTIVESYNC},
    {"msExchMapiVirtualDirectory", USE_MAPI},
    {"msExchRpcHttpVirtualDirectory", USE_OUTLOOK_ANYWHERE},
    {"msExchPowerShellVirtualDirectory", USE_POWERSHELL},
};

static enum name_use_kind kind_of(const struct entry *entry) {
    if (entry_has_class(entry, PLACES_POINT_CLASS))
        return USE_AUTODISCOVER;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (entry_has_class(entry, classes[i].name))
            return classes[i].kind;
    return USE_OTHER;
}

/* Host, port and path of "https://host:port/path" or of a bare host name, in `url` itself. False for anything else:
 * plain HTTP shows no certificate. */
static bool split(char *url, char **ret_host, int *ret_port, char **ret_path) {
    char *host = url, *path, *colon;
    long port = HTTPS_PORT;
    char *end = NULL;

    if (strstr(url, "://") != NULL) {
        if (strncasecmp(url, HTTPS, strlen(HTTPS)) != 0)
            return false;
        host = url + strlen(HTTPS);
    }
    path = host + strcspn(host, "/?#");
    *ret_path = strdup(path);
    *path = '\0';
    colon = strchr(host, ':');
    if (colon != NULL) {
        port = strtol(colon + 1, &end, 10);
        if (end == colon + 1 || *end != '\0')
            port = 0;
        *colon = '\0';
    }
    *ret_host = host;
    *ret_port = port > 0 && port < 65536 ? (int)port : 0;
    return *ret_port != 0 && *ret_port != BACK_END_PORT;
}

/* The values of one attribute. */
static bool take_urls(struct inventory *inventory, const struct entry *entry, const char *attribute,
                      struct name_use *use, struct error *err) {
    BerVarray values = entry_values(entry, attribute);
    bool ok = true;

    for (size_t i = 0; ok && values != NULL && values[i].bv_val != NULL; i++) {
        char *url = values[i].bv_len <= URL_MOST ? strndup(values[i].bv_val, values[i].bv_len) : NULL;
        char *host = NULL, *path = NULL;
        int port = 0;

        if (url != NULL && split(url, &host, &port, &path)) {
            use->path = path != NULL ? text_printable_copy(path, strlen(path), URL_MOST) : NULL;
            ok = use->path != NULL ? inventory_note_name(inventory, host, port, use, err) : error_memory(err);
            free(use->path);
            use->path = NULL;
        }
        free(path);
        free(url);
    }
    return ok;
}

bool names_take(struct inventory *inventory, const struct entry *entry, struct error *err) {
    struct name_use use = {.kind = kind_of(entry)};
    char *server = objects_server(entry->dn);
    char *own = name_value(entry->dn, 0);
    struct text identity = {0};
    bool ok;

    if (server != NULL && use.kind != USE_AUTODISCOVER)
        text_format(&identity, "%s\\", server);
    text_add(&identity, use.kind == USE_AUTODISCOVER && server != NULL ? server : own != NULL ? own : "(no name)");
    free(server);
    free(own);
    use.identity = text_take(&identity);
    ok = use.identity != NULL || error_memory(err);
    ok = ok && take_urls(inventory, entry, PLACES_BINDING_INFORMATION, &use, err) &&
         take_urls(inventory, entry, PLACES_INTERNAL, &use, err);
    use.external = true;
    ok = ok && take_urls(inventory, entry, PLACES_EXTERNAL, &use, err);
    free(use.identity);
    return ok;
}
