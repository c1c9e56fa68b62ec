#include "ldap/others.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ldap/read/auth_config.h"
#include "ldap/look.h"
#include "ldap/read/names.h"
#include "ldap/reach.h"
#include "ldap/read/search.h"

#define CONTROLLER_CLASS "nTDSDSA"
#define READ_ONLY_CLASS "nTDSDSARO" /* made of the class above, so it is found with it */
#define SERVER_CLASS_OF_SITE "server"
#define LISTED_MOST 4096 /* domain controllers of one forest */
#define NAME_MOST 255

#define TIMEOUT_MOST 5 /* seconds that one answer of one controller may take */
#define WHOLE_MOST 30  /* seconds after which no further controller is asked */

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
    const struct berval *host = entry_single(entry, "dNSHostName");
    struct site_server *server;
    char name[NAME_MOST + 1];

    if (entry_has_class(entry, CONTROLLER_CLASS))
        return take_controller(listing, entry, err);
    server = server_of(listing, entry->dn);
    if (!server)
        return error_memory(err);
    if (server->host || !host || host->bv_len > NAME_MOST || memchr(host->bv_val, '\0', host->bv_len))
        return true;
    snprintf(name, sizeof(name), "%.*s", (int)host->bv_len, host->bv_val);
    if (text_is_host_name(name) && !(server->host = strdup(name)))
        return error_memory(err);
    return true;
}

bool others_list(struct connection *connection, const struct rootdse *rootdse, struct strings *ret_hosts,
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

static bool has_value(const struct facts *facts, const struct bytes *value) {
    for (size_t i = 0; i < facts->raw_count; i++)
        if (facts->raw_values[i].length == value->length &&
            memcmp(facts->raw_values[i].data, value->data, value->length) == 0)
            return true;
    return false;
}

/* Domain controllers give values in an order of their own. */
static bool same(const struct facts *one, const struct facts *other) {
    if (one->raw_count != other->raw_count || one->slots.date_set != other->slots.date_set ||
        one->slots.date != other->slots.date)
        return false;
    for (size_t i = 0; i < one->raw_count; i++)
        if (!has_value(other, &one->raw_values[i]))
            return false;
    return true;
}

/* What one controller has. */
static enum answer ask(const struct directory_settings *settings, const char *uri, time_t now,
                       const struct facts *facts, struct error *err) {
    struct connection *connection = NULL;
    struct facts other = {0};
    enum answer agrees = ANSWER_UNKNOWN;

    if (connection_open(settings, uri, now, &connection, err) &&
        auth_config_read(connection, facts->directory.dn, &other, err))
        agrees = same(facts, &other) ? ANSWER_YES : ANSWER_NO;
    facts_free(&other);
    connection_close(connection);
    return agrees;
}

static int64_t seconds_now(void) {
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

static bool ask_all(const struct directory_settings *settings, const struct directory_uri *like, time_t now,
                    const struct strings *hosts, struct facts *facts, struct error *err) {
    struct directory_settings hasty = *settings;
    int64_t end = seconds_now() + WHOLE_MOST;

    if (hasty.timeout <= 0 || hasty.timeout > TIMEOUT_MOST)
        hasty.timeout = TIMEOUT_MOST;
    facts->controllers = calloc(hosts->count + 1, sizeof(*facts->controllers));
    if (!facts->controllers)
        return error_memory(err);
    for (size_t i = 0; i < hosts->count; i++) {
        struct controller_facts *controller = &facts->controllers[facts->controller_count];
        struct error why = {0};
        char *uri = NULL;

        controller->server = strdup(hosts->items[i]);
        if (!controller->server)
            return error_memory(err);
        facts->controller_count++;
        if (i >= OTHERS_MOST || seconds_now() >= end)
            error_set(&why, ERROR_NETWORK, "it was not asked, for asking the others took long enough");
        else if (!(uri = reach_uri(settings, like, controller->server)))
            return error_memory(err);
        else
            controller->agrees = ask(&hasty, uri, now, facts, &why);
        free(uri);
        if (why.kind != ERROR_NONE && !(controller->trouble = strdup(why.text)))
            return error_memory(err);
    }
    return true;
}

static bool compare(const struct directory_settings *settings, time_t now, struct facts *facts, struct error *err) {
    struct reached reached = {0};
    struct strings hosts = {0};
    struct directory_uri like;
    size_t nameless = 0;
    bool ok = reach_server(settings, facts->directory.uri, now, &reached, err) &&
              others_list(reached.connection, &reached.rootdse, &hosts, &nameless, err);

    if (ok)
        like = reached.connection->uri;
    connection_close(reached.connection);
    reached.connection = NULL;
    if (ok && nameless)
        strings_add(&facts->remarks, "%zu domain controllers have no host name that can be read, and are not asked.",
                    nameless);
    ok = ok && ask_all(settings, &like, now, &hosts, facts, err);
    reach_end(&reached);
    strings_free(&hosts);
    if (!ok)
        facts_forget_controllers(facts);
    facts->compared = ok;
    return ok;
}

bool directory_compare(const struct directory_settings *settings, time_t now, struct facts *facts, struct error *err) {
    facts_forget_controllers(facts);
    if (!facts->read || !facts->directory.uri || !facts->directory.dn)
        return error_set(err, ERROR_BUG, "an object that was not read was to be compared");
    return compare(settings, now, facts, err);
}
