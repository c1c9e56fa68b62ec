#include "ldap/read/controllers.h"

#include <stdlib.h>
#include <string.h>

#include "ldap/read/names.h"
#include "ldap/read/search.h"

#define CONTROLLER_CLASS "nTDSDSA"
#define READ_ONLY_CLASS "nTDSDSARO" /* made of the class above, so it is found with it */
#define SERVER_CLASS_OF_SITE "server"
#define LISTED_MOST 4096 /* domain controllers of one forest */
#define NAME_MOST 255
#define DOMAINS_MOST 4096
#define DOMAIN_FLAGS 3 /* systemFlags: in this forest, and a domain ([MS-ADTS] 2.2.10) */

/* One server object of CN=Sites, by its DN. */
struct site_server {
    char *dn;
    char *host; /* NULL when there is none that makes sense */
    bool holds; /* its NTDS Settings say that it holds the configuration partition and takes writes */
};

struct listing {
    const struct rootdse *rootdse;
    struct site_server *servers;
    size_t count;
    size_t size;
};

static bool holds_partition(const struct entry *entry, const char *attribute, const char *partition) {
    BerVarray values = entry_values(entry, attribute);
    char dn[NAME_DN_MOST + 1];

    for (size_t i = 0; values && values[i].bv_val; i++) {
        if (values[i].bv_len >= sizeof(dn) || memchr(values[i].bv_val, '\0', values[i].bv_len))
            continue;
        memcpy(dn, values[i].bv_val, values[i].bv_len);
        dn[values[i].bv_len] = '\0';
        if (name_equal(dn, partition))
            return true;
    }
    return false;
}

/* The server of this DN, made when it is new: settings and server come in any order. NULL when out of memory. */
static struct site_server *server_of(struct listing *listing, const char *dn) {
    struct site_server *grown;

    for (size_t i = 0; i < listing->count; i++)
        if (name_equal(listing->servers[i].dn, dn))
            return &listing->servers[i];
    if (listing->count == listing->size) {
        size_t size = listing->size ? 2 * listing->size : 16;

        grown = reallocarray(listing->servers, size, sizeof(*grown));
        if (!grown)
            return NULL;
        listing->servers = grown;
        listing->size = size;
    }
    grown = &listing->servers[listing->count];
    *grown = (struct site_server){.dn = strdup(dn)};
    if (!grown->dn)
        return NULL;
    listing->count++;
    return grown;
}

static bool take_controller(struct listing *listing, const struct entry *entry, struct error *err) {
    const char *partition = listing->rootdse->configuration;
    const char *parent = name_parent(entry->dn);
    struct site_server *server;

    if (!parent || entry_has_class(entry, READ_ONLY_CLASS) ||
        (listing->rootdse->settings && name_equal(entry->dn, listing->rootdse->settings)) ||
        (!holds_partition(entry, "hasMasterNCs", partition) && !holds_partition(entry, "msDS-hasMasterNCs", partition)))
        return true;
    server = server_of(listing, parent);
    if (!server)
        return error_memory(err);
    server->holds = true;
    return true;
}

static bool take(void *context, const struct entry *entry, struct error *err) {
    struct listing *listing = context;
    struct site_server *server;

    if (entry_has_class(entry, CONTROLLER_CLASS))
        return take_controller(listing, entry, err);
    server = server_of(listing, entry->dn);
    if (!server)
        return error_memory(err);
    if (server->host)
        return true;
    if (!entry_text(entry, "dNSHostName", NAME_MOST, &server->host, err))
        return false;
    if (server->host && !text_is_host_name(server->host)) {
        free(server->host);
        server->host = NULL;
    }
    return true;
}

bool controllers_list(struct connection *connection, const struct rootdse *rootdse, struct strings *ret_hosts,
                      size_t *ret_nameless, struct error *err) {
    static const char *const attributes[] = {"objectClass", "dNSHostName", "hasMasterNCs", "msDS-hasMasterNCs", NULL};
    struct listing listing = {.rootdse = rootdse};
    struct strings hosts = {0};
    struct text base = {0};
    struct search search = {
        .scope = LDAP_SCOPE_SUBTREE,
        .filter = "(|(objectClass=" CONTROLLER_CLASS ")(objectClass=" SERVER_CLASS_OF_SITE "))",
        .attributes = attributes,
        .paged = rootdse->paged,
        .most = 2 * LISTED_MOST,
        .take = take,
        .context = &listing,
    };
    int code = LDAP_SUCCESS;
    size_t nameless = 0;
    bool ok;

    text_format(&base, "CN=Sites,%s", rootdse->configuration);
    search.base = base.value;
    ok = base.failed ? error_memory(err) : search_run(connection, &search, &code, err) || code == LDAP_NO_SUCH_OBJECT;
    for (size_t i = 0; i < listing.count; i++) {
        const struct site_server *server = &listing.servers[i];

        if (ok && server->holds && server->host)
            strings_add(&hosts, "%s", server->host);
        nameless += server->holds && !server->host;
        free(server->dn);
        free(server->host);
    }
    free(listing.servers);
    text_free(&base);
    if (ok && hosts.failed)
        ok = error_memory(err);
    if (!ok) {
        strings_free(&hosts);
        return false;
    }
    *ret_hosts = hosts;
    *ret_nameless = nameless;
    return true;
}

/* What else CN=Partitions knows are other partitions, and directories elsewhere. */
static bool take_domain(void *context, const struct entry *entry, struct error *err) {
    struct strings *domains = context;
    char *flags = NULL, *root = NULL;
    bool ok =
        entry_text(entry, "systemFlags", NAME_MOST, &flags, err) && entry_text(entry, "dnsRoot", NAME_MOST, &root, err);

    if (ok && flags && root && (strtol(flags, NULL, 10) & DOMAIN_FLAGS) == DOMAIN_FLAGS && text_is_host_name(root) &&
        !strings_contain(domains, root))
        strings_add(domains, "%s", root);
    free(flags);
    free(root);
    return ok;
}

bool controllers_domains(struct connection *connection, const struct rootdse *rootdse, struct strings *ret_domains,
                         struct error *err) {
    static const char *const attributes[] = {"systemFlags", "dnsRoot", NULL};
    struct strings domains = {0};
    struct text base = {0};
    struct search search = {
        .scope = LDAP_SCOPE_ONELEVEL,
        .filter = "(objectClass=crossRef)",
        .attributes = attributes,
        .paged = rootdse->paged,
        .most = DOMAINS_MOST,
        .take = take_domain,
        .context = &domains,
    };
    char *root = NULL;
    int code = LDAP_SUCCESS;
    bool ok;

    if (ldap_dn2domain(rootdse->configuration, &root) == 0 && root && text_is_host_name(root))
        strings_add(&domains, "%s", root);
    ldap_memfree(root);
    text_format(&base, "CN=Partitions,%s", rootdse->configuration);
    search.base = base.value;
    ok = base.failed ? error_memory(err) : search_run(connection, &search, &code, err) || code != LDAP_SUCCESS;
    text_free(&base);
    if (ok && domains.failed)
        ok = error_memory(err);
    if (!ok) {
        strings_free(&domains);
        return false;
    }
    *ret_domains = domains;
    return true;
}
