#include "ldap/places/places.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/places/attributes.h"
#include "ldap/places/objects.h"
#include "ldap/reach.h"
#include "ldap/read/names.h"
#include "ldap/read/search.h"
#include "ldap/read/server.h"

#define ROLE_EDGE 64L
#define ROLE_PROVISIONED 4096L
#define FLAG_ENABLED 1L
#define ROOTS_CONTAINER "CN=Certification Authorities,CN=Public Key Services,CN=Services,"
#define ROOTS_ATTRIBUTE "cACertificate"
#define ROOTS_MOST 1000
#define OBJECTS_MOST 200000 /* some thirty for each server */
#define POP_PORT 995
#define IMAP_PORT 993
#define HOST_MOST 256

struct reading {
    const struct directory_settings *settings;
    struct inventory *inventory;
};

/* A place of the directory's own, called "WHOSE: WHAT". */
static bool take_held(struct reading *reading, enum place_kind kind, const struct entry *entry, const char *attribute,
                      const char *whose, const char *what, const char *server, struct error *err) {
    struct text name = {0};
    char *called;
    bool ok;

    text_format(&name, "%s: %s", whose, what);
    called = text_take(&name);
    ok = called != NULL ? objects_certificate(reading->inventory, kind, entry, attribute, called, server, err)
                        : error_memory(err);
    free(called);
    return ok;
}

/* A server, and the internal transport certificate that the others know it by. */
static bool take_server(struct reading *reading, const struct entry *entry, struct error *err) {
    const struct strings *ignore = reading->settings->ignore;
    struct inventory_server *server;
    struct server_facts facts = {0};
    char *remark = NULL;
    long roles = 0;

    if (!server_read(entry, ignore, &facts, &remark, err))
        return false;
    free(remark); /* the look at the auth certificate says it already */
    free(facts.site);
    server = inventory_add_server(reading->inventory, err);
    if (server == NULL) {
        free(facts.fqdn);
        free(facts.version);
        return false;
    }
    *server = (struct inventory_server){
        .fqdn = facts.fqdn, .name = name_value(entry->dn, 0), .version = facts.version, .counted = facts.counted};
    if (server->name == NULL)
        return error_memory(err);
    if (entry_number(entry, "msExchCurrentServerRoles", &roles))
        server->edge = (roles & ROLE_EDGE) != 0 && (roles & ROLE_PROVISIONED) == 0 &&
                       text_is_server_name(server->fqdn) && !server_is_ignored(server->fqdn, ignore);
    if (server->edge)
        return take_held(reading, PLACE_EDGE, entry, PLACES_TRANSPORT, server->fqdn, "what EdgeSync knows",
                         server->fqdn, err);
    return !server->counted || take_held(reading, PLACE_TRANSPORT, entry, PLACES_TRANSPORT, server->fqdn,
                                         "internal transport", server->fqdn, err);
}

static bool take_federation(struct reading *reading, const struct entry *entry, struct error *err) {
    char *name = name_value(entry->dn, 0);
    bool ok = name == NULL ? error_memory(err)
                           : take_held(reading, PLACE_FEDERATION, entry, PLACES_FEDERATION, name, "federation trust",
                                       NULL, err) &&
                                 take_held(reading, PLACE_FEDERATION, entry, PLACES_FEDERATION_NEXT, name,
                                           "federation trust, next", NULL, err);

    free(name);
    return ok;
}

static bool take_partner(struct reading *reading, const struct entry *entry, struct error *err) {
    bool is_server = entry_has_class(entry, PLACES_AUTH_SERVER_CLASS);
    char *name = name_value(entry->dn, 0);
    long flags = 0;
    bool ok = true;

    if (name == NULL)
        return error_memory(err);
    if (entry_number(entry, PLACES_PARTNER_FLAGS, &flags) && (flags & FLAG_ENABLED) != 0)
        ok = take_held(reading, PLACE_PARTNER, entry, PLACES_PARTNER_DATA, name,
                       is_server ? "auth server" : "partner application", NULL, err);
    free(name);
    return ok;
}

/* The name that POP or IMAP of a server is to be known by: clients use it. */
static bool take_mailbox_protocol(struct reading *reading, const struct entry *entry, int port, struct error *err) {
    char *host = NULL;
    struct name_use use = {.kind = USE_OTHER};
    bool ok;

    if (!entry_text(entry, PLACES_POP_IMAP_NAME, HOST_MOST, &host, err))
        return false;
    use.identity = objects_server(entry->dn);
    ok = host == NULL || inventory_note_name(reading->inventory, host, port, &use, err);
    free(use.identity);
    free(host);
    return ok;
}

static bool take(void *context, const struct entry *entry, struct error *err) {
    struct reading *reading = context;

    if (entry_has_class(entry, SERVER_CLASS))
        return take_server(reading, entry, err);
    if (entry_has_class(entry, PLACES_SEND_CLASS))
        return connectors_take(reading->inventory, CONNECTOR_SEND, entry, err);
    if (entry_has_class(entry, PLACES_RECEIVE_CLASS))
        return connectors_take(reading->inventory, CONNECTOR_RECEIVE, entry, err);
    if (entry_has_class(entry, PLACES_HYBRID_CLASS))
        return connectors_take(reading->inventory, CONNECTOR_HYBRID, entry, err);
    if (entry_has_class(entry, PLACES_FEDERATION_CLASS))
        return take_federation(reading, entry, err);
    if (entry_has_class(entry, PLACES_POP_CLASS))
        return take_mailbox_protocol(reading, entry, POP_PORT, err);
    if (entry_has_class(entry, PLACES_IMAP_CLASS))
        return take_mailbox_protocol(reading, entry, IMAP_PORT, err);
    if (entry_has_class(entry, PLACES_AUTH_SERVER_CLASS) || entry_has_class(entry, PLACES_PARTNER_CLASS))
        return take_partner(reading, entry, err);
    return names_take(reading->inventory, entry, err);
}

static bool read_organization(struct reading *reading, struct reached *reached, const char *dn, struct error *err) {
    static const char *const attributes[] = {"objectClass",
                                             SERVER_ATTRIBUTES,
                                             PLACES_TRANSPORT,
                                             PLACES_TLS_NAME,
                                             PLACES_HYBRID_NAME,
                                             PLACES_SEND_ENABLED,
                                             PLACES_SEND_FLAGS,
                                             PLACES_SEND_FQDN,
                                             PLACES_SOURCES,
                                             PLACES_RECEIVE_ENABLED,
                                             PLACES_RECEIVE_FLAGS,
                                             PLACES_RECEIVE_FQDN,
                                             PLACES_RECEIVE_DOMAINS,
                                             PLACES_BINDINGS,
                                             PLACES_INTERNAL,
                                             PLACES_EXTERNAL,
                                             PLACES_BINDING_INFORMATION,
                                             PLACES_POP_IMAP_NAME,
                                             PLACES_FEDERATION,
                                             PLACES_FEDERATION_NEXT,
                                             PLACES_PARTNER_DATA,
                                             PLACES_PARTNER_FLAGS,
                                             NULL};
    const struct search search = {
        .base = dn,
        .scope = LDAP_SCOPE_SUBTREE,
        .filter =
            "(|(objectClass=" SERVER_CLASS ")(objectClass=" PLACES_SEND_CLASS ")(objectClass=" PLACES_RECEIVE_CLASS
            ")(objectClass=" PLACES_HYBRID_CLASS ")(objectClass=" PLACES_DIRECTORY_CLASS
            ")(objectClass=" PLACES_POINT_CLASS ")(objectClass=" PLACES_POP_CLASS ")(objectClass=" PLACES_IMAP_CLASS
            ")(objectClass=" PLACES_FEDERATION_CLASS ")(objectClass=" PLACES_AUTH_SERVER_CLASS
            ")(objectClass=" PLACES_PARTNER_CLASS "))",
        .attributes = attributes,
        .paged = reached->rootdse.paged,
        .most = OBJECTS_MOST,
        .take = take,
        .context = reading,
    };

    return search_run(reached->connection, &search, NULL, err);
}

static bool take_root(void *context, const struct entry *entry, struct error *err) {
    struct inventory *inventory = ((struct reading *)context)->inventory;
    BerVarray values = entry_values(entry, ROOTS_ATTRIBUTE);

    if (values == NULL) /* RFC 4523 wants the option, Active Directory gives none */
        values = entry_values(entry, ROOTS_ATTRIBUTE ";binary");
    for (size_t i = 0; values != NULL && values[i].bv_val != NULL && inventory->root_count < ROOTS_MOST; i++) {
        struct bytes *grown = reallocarray(inventory->roots, inventory->root_count + 1, sizeof(*grown));
        struct bytes root = {.data = malloc(values[i].bv_len + 1), .length = values[i].bv_len};

        if (grown != NULL)
            inventory->roots = grown;
        if (grown == NULL || root.data == NULL) {
            free(root.data);
            return error_memory(err);
        }
        memcpy(root.data, values[i].bv_val, values[i].bv_len);
        root.data[root.length] = '\0';
        grown[inventory->root_count++] = root;
    }
    return true;
}

/* Every user may read them; a directory without them has no CA of its own. */
static bool read_roots(struct reading *reading, struct reached *reached, bool partial, struct error *err) {
    static const char *const attributes[] = {ROOTS_ATTRIBUTE, NULL};
    struct error why = {0};
    struct text base = {0};
    int code = LDAP_SUCCESS;
    struct search search = {.scope = LDAP_SCOPE_SUBTREE,
                            .filter = "(" ROOTS_ATTRIBUTE "=*)",
                            .attributes = attributes,
                            .paged = reached->rootdse.paged,
                            .most = ROOTS_MOST,
                            .take = take_root,
                            .context = reading};

    text_format(&base, ROOTS_CONTAINER "%s", reached->rootdse.configuration);
    if (base.failed)
        return error_memory(err);
    search.base = base.value;
    if (search_run(reached->connection, &search, &code, &why))
        reading->inventory->roots_read = partial && reading->inventory->root_count == 0 ? ANSWER_UNKNOWN : ANSWER_YES;
    else if (code == LDAP_NO_SUCH_OBJECT)
        reading->inventory->roots_read = ANSWER_NO;
    else
        strings_add(&reading->inventory->remarks, "The CAs that members of the domain trust cannot be read: %s.",
                    why.text);
    text_free(&base);
    return true;
}

/* The FQDN in the place of a server's name, where the server was seen. */
static bool join(const struct inventory *inventory, char **name, struct error *err) {
    for (size_t i = 0; *name != NULL && i < inventory->server_count; i++) {
        char *fqdn;

        if (!name_equal(inventory->servers[i].name, *name))
            continue;
        fqdn = strdup(inventory->servers[i].fqdn);
        if (fqdn == NULL)
            return error_memory(err);
        free(*name);
        *name = fqdn;
        return true;
    }
    return true;
}

static bool join_all(struct inventory *inventory, struct error *err) {
    for (size_t i = 0; i < inventory->connector_count; i++) {
        struct connector *connector = &inventory->connectors[i];

        if (!join(inventory, &connector->server, err))
            return false;
        for (size_t j = 0; j < connector->sources.count; j++)
            if (!join(inventory, &connector->sources.items[j], err))
                return false;
    }
    return true;
}

bool places_read(const struct directory_settings *settings, const struct facts *facts, time_t now,
                 struct inventory *inventory, struct error *err) {
    struct reading reading = {.settings = settings, .inventory = inventory};
    const char *organization = facts->directory.dn != NULL ? name_parent(facts->directory.dn) : NULL;
    struct reached reached = {0};
    bool ok;

    if (organization == NULL || facts->directory.uri == NULL)
        return error_set(err, ERROR_BUG, "the organization is not known");
    ok = reach_server(settings, facts->directory.uri, now, &reached, err) &&
         read_organization(&reading, &reached, organization, err) &&
         read_roots(&reading, &reached, facts->directory.read_only, err) && join_all(inventory, err);
    reach_end(&reached);
    if (facts->directory.read_only)
        strings_add(&inventory->remarks,
                    "The directory was read at a read-only domain controller or a global catalog, which does not show "
                    "every attribute: what is not named here may be there all the same. Name a writable domain "
                    "controller in uri, without a port.");
    return ok;
}
