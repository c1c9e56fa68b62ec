#include "ldap/read/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ldap/read/names.h"
#include "ldap/read/search.h"
#include "ldap/read/server.h"

#define ORGANIZATION_CLASS "msExchOrganizationContainer"
#define AUTH_CLASS "msExchAuthAuthConfig"
#define COEXISTENCE_CLASS "msExchCoexistenceRelationship"
#define CONNECTOR_CLASS "msExchIntraOrganizationConnector"
#define AUTH_NAME "Auth Configuration" /* Exchange reads it by this very name */

/* The type of an auth server. No primary source names this attribute; where it is called otherwise, an auth server says
 * nothing, and hybrid rests on the other signs. */
#define AUTH_SERVER_TYPE "msExchAuthAuthServerType"
#define AUTH_SERVER_FLAGS "msExchAuthFlags"
#define AUTH_SERVER_APPLICATION "msExchAuthApplicationIdentifier"
#define MICROSOFT_ACS "1"
#define AZURE_AD "5"
#define FLAG_ENABLED 1L

#define BASE_PREFIX "CN=Microsoft Exchange,CN=Services,"
#define ORGANIZATIONS_MOST 100
#define SERVERS_MOST 20000
#define REMARKS_MOST 50

static struct organization *organization_named(struct catalog *catalog, char *name, struct error *err) {
    struct organization *grown;

    for (size_t i = 0; i < catalog->organization_count; i++)
        if (name_equal(catalog->organizations[i].name, name)) {
            free(name);
            return &catalog->organizations[i];
        }
    grown = catalog->organization_count < ORGANIZATIONS_MOST
                ? realloc(catalog->organizations, (catalog->organization_count + 1) * sizeof(*grown))
                : NULL;
    if (!grown) {
        free(name);
        if (catalog->organization_count < ORGANIZATIONS_MOST)
            error_memory(err);
        else
            error_set(err, ERROR_DATA,
                      "the directory shows more than %d Exchange organizations, and reading was ended there",
                      ORGANIZATIONS_MOST);
        return NULL;
    }
    catalog->organizations = grown;
    grown[catalog->organization_count] = (struct organization){.name = name};
    return &grown[catalog->organization_count++];
}

static bool add_server(struct catalog *catalog, const struct entry *entry, struct error *err) {
    struct server_facts server;
    char *remark = NULL;

    if (catalog->server_count == catalog->server_size) {
        size_t size = catalog->server_size ? 2 * catalog->server_size : 16;
        struct server_facts *grown;

        if (catalog->server_count >= SERVERS_MOST)
            return error_set(err, ERROR_DATA,
                             "the directory shows more than %d Exchange servers, and reading was ended there",
                             SERVERS_MOST);
        grown = realloc(catalog->servers, size * sizeof(*grown));
        if (!grown)
            return error_memory(err);
        catalog->servers = grown;
        catalog->server_size = size;
    }
    if (!server_read(entry, catalog->ignore, &server, &remark, err))
        return false;
    catalog->servers[catalog->server_count++] = server;
    if (remark && catalog->remarks.count < REMARKS_MOST)
        remarks_add(&catalog->remarks, "server-not-counted", "%s", remark);
    else if (remark)
        catalog->remarks_left_out++;
    free(remark);
    return true;
}

/* Of those that show hybrid: does it name a tenant that needs the key? */
static bool note_tenant(struct organization *organization, const struct entry *entry, struct error *err) {
    struct tenant_facts tenant;

    return !entry_has_class(entry, AUTH_SERVER_CLASS) || !auth_server_is_entra(entry) ||
           !auth_server_tenant(entry, &tenant) || tenant_list_add(&organization->tenants, &tenant, err);
}

static bool is_enabled(const struct entry *entry) {
    const struct berval *flags = entry_single(entry, AUTH_SERVER_FLAGS);
    char text[16] = "";

    if (!flags || flags->bv_len >= sizeof(text))
        return false;
    memcpy(text, flags->bv_val, flags->bv_len);
    return strtol(text, NULL, 10) & FLAG_ENABLED;
}

/* An auth server of Azure AD without an application of the organization's own in it may stand for Hybrid Modern
 * Authentication alone, which needs nothing in Entra. */
static bool is_harmless(const struct entry *entry) {
    const struct berval *application = entry_single(entry, AUTH_SERVER_APPLICATION);

    return entry_has_class(entry, AUTH_SERVER_CLASS) &&
           !values_contain(entry_values(entry, AUTH_SERVER_TYPE), MICROSOFT_ACS) &&
           (!application || application->bv_len == 0 ||
            values_contain(entry_values(entry, AUTH_SERVER_APPLICATION), FIRST_PARTY));
}

/* Each of these stands alone in the field: what the wizard left, whom Exchange trusts for tokens, and the way to the
 * other half of the organization. */
static bool is_hybrid_sign(const struct entry *entry) {
    BerVarray type = entry_values(entry, AUTH_SERVER_TYPE);

    return entry_has_class(entry, COEXISTENCE_CLASS) || entry_has_class(entry, CONNECTOR_CLASS) ||
           (entry_has_class(entry, AUTH_SERVER_CLASS) && is_enabled(entry) &&
            (values_contain(type, MICROSOFT_ACS) || values_contain(type, AZURE_AD)));
}

static bool note_hybrid(struct organization *organization, const struct entry *entry, struct error *err) {
    char *dn = name_printable(entry->dn);

    if (!dn)
        return error_memory(err);
    strings_add(&organization->hybrid_signs, "%s", dn);
    organization->hybrid_holds = organization->hybrid_holds || !is_harmless(entry);
    free(dn);
    return !organization->hybrid_signs.failed || error_memory(err);
}

/* One remark for each, however much lies in it. */
static bool note_inert(struct catalog *catalog, const char *dn, const char *why, struct error *err) {
    char *shown = name_printable(dn);
    struct text text = {0};

    text_format(&text,
                "%s %s, and Exchange goes by exact names: it is passed over. Remove it once it is certain that "
                "nothing in it is needed.",
                shown ? shown : dn, why);
    free(shown);
    if (!shown || text.failed) {
        text_free(&text);
        return error_memory(err);
    }
    if (catalog->remarks.count < REMARKS_MOST && !remarks_contain(&catalog->remarks, text.value))
        remarks_add(&catalog->remarks, "inert-object", "%s", text.value);
    text_free(&text);
    return true;
}

static bool note_auth_configuration(struct catalog *catalog, struct organization *organization, const char *dn,
                                    struct error *err) {
    char *name = name_value(dn, 0);
    bool ours = name && name_equal(name, AUTH_NAME) && name_depth(dn) == catalog->depth + 2;

    free(name);
    if (!ours)
        return note_inert(catalog, dn, "is an auth configuration of another name or place", err);
    free(organization->auth_dn);
    organization->auth_dn = strdup(dn);
    return organization->auth_dn || error_memory(err);
}

/* Which organization an entry belongs to: below the base the first level. *ret_organization is NULL for an entry of
 * none. */
static bool organization_of(struct catalog *catalog, const char *dn, struct organization **ret_organization,
                            struct error *err) {
    const char *folder = name_parent(dn);
    char *name = NULL;
    size_t depth = 0;

    *ret_organization = NULL;
    if (folder && catalog->folder && strcmp(folder, catalog->folder) == 0) {
        *ret_organization = &catalog->organizations[catalog->folder_of];
        return true;
    }
    if (!name_value_from_end(dn, catalog->depth, &depth, &name))
        return true;
    *ret_organization = organization_named(catalog, name, err);
    if (!*ret_organization)
        return false;
    if (folder && depth > catalog->depth + 1) {
        free(catalog->folder);
        catalog->folder = strdup(folder);
        catalog->folder_of = (size_t)(*ret_organization - catalog->organizations);
    }
    return true;
}

static bool take(void *context, const struct entry *entry, struct error *err) {
    struct catalog *catalog = context;
    struct organization *organization;
    const char *conflict = name_conflict(entry->dn);

    if (conflict)
        return note_inert(catalog, conflict, "is left over from a conflict of replication", err);
    if (!organization_of(catalog, entry->dn, &organization, err))
        return false;
    /* The base itself is none of the classes. */
    if (!organization)
        return true;
    if (entry_has_class(entry, SERVER_CLASS)) {
        organization->servers++;
        if (!catalog->chosen || name_equal(catalog->chosen, organization->name))
            return add_server(catalog, entry, err);
    } else if (entry_has_class(entry, ORGANIZATION_CLASS)) {
        organization->container = true;
    } else if (entry_has_class(entry, AUTH_CLASS)) {
        return note_auth_configuration(catalog, organization, entry->dn, err);
    } else if (is_hybrid_sign(entry)) {
        return note_hybrid(organization, entry, err) && note_tenant(organization, entry, err);
    }
    return true;
}

static bool read_below(struct connection *connection, const char *base, bool paged, struct catalog *catalog,
                       struct error *err) {
    static const char *const attributes[] = {"objectClass", SERVER_ATTRIBUTES, AUTH_SERVER_ATTRIBUTES, NULL};
    struct search search = {
        .base = base,
        .scope = LDAP_SCOPE_SUBTREE,
        .filter =
            "(|(objectClass=" ORGANIZATION_CLASS ")(objectClass=" AUTH_CLASS ")(objectClass=" SERVER_CLASS
            ")(objectClass=" COEXISTENCE_CLASS ")(objectClass=" AUTH_SERVER_CLASS ")(objectClass=" CONNECTOR_CLASS "))",
        .attributes = attributes,
        .paged = paged,
        .most = SEARCH_ENTRIES_MOST,
        .take = take,
        .context = catalog,
    };
    int code = LDAP_SUCCESS;

    if (search_run(connection, &search, &code, err))
        return true;
    catalog->base_missing = code == LDAP_NO_SUCH_OBJECT;
    return catalog->base_missing;
}

/* An entry of `ignore` that fits no server has no effect, and most likely a slip of the pen in it. */
static void remark_idle_entries(struct catalog *catalog) {
    for (size_t i = 0; catalog->ignore && catalog->server_count && i < catalog->ignore->count; i++) {
        bool fits = false;

        for (size_t j = 0; j < catalog->server_count && !fits; j++)
            fits = server_fits(catalog->servers[j].fqdn, catalog->ignore->items[i]);
        if (!fits)
            remarks_add(&catalog->remarks, "ignore-fits-none",
                        "ignore in [servers] names %s, which is none of the %zu Exchange servers that the directory "
                        "shows: correct the name, or take it out.",
                        catalog->ignore->items[i], catalog->server_count);
    }
}

bool catalog_read(struct connection *connection, const struct rootdse *rootdse,
                  const struct directory_settings *settings, struct catalog *ret_catalog, struct error *err) {
    struct catalog catalog = {.chosen = settings->organization, .ignore = settings->ignore};
    struct text base = {0};
    bool ok = false;

    text_format(&base, BASE_PREFIX "%s", rootdse->configuration);
    if (!base.value || base.failed) {
        error_memory(err);
        goto out;
    }
    catalog.depth = name_depth(base.value);
    if (catalog.depth == 0) {
        error_set(err, ERROR_DATA, "the server's configuration partition %s is no valid DN", rootdse->configuration);
        goto out;
    }
    ok = read_below(connection, base.value, rootdse->paged, &catalog, err);
    if (ok && catalog.remarks_left_out)
        remarks_add(&catalog.remarks, "server-not-counted",
                    "%zu more Exchange servers are not counted for such reasons.", catalog.remarks_left_out);
    if (ok)
        remark_idle_entries(&catalog);
    ok = ok && server_count_once(catalog.servers, catalog.server_count, &catalog.remarks, err);
out:
    text_free(&base);
    if (ok)
        *ret_catalog = catalog;
    else
        catalog_free(&catalog);
    return ok;
}

void catalog_free(struct catalog *catalog) {
    for (size_t i = 0; i < catalog->organization_count; i++) {
        free(catalog->organizations[i].name);
        free(catalog->organizations[i].auth_dn);
        strings_free(&catalog->organizations[i].hybrid_signs);
        free(catalog->organizations[i].tenants.items);
    }
    free(catalog->organizations);
    for (size_t i = 0; i < catalog->server_count; i++) {
        free(catalog->servers[i].fqdn);
        free(catalog->servers[i].site);
        free(catalog->servers[i].version);
    }
    free(catalog->servers);
    free(catalog->folder);
    remarks_free(&catalog->remarks);
    *catalog = (struct catalog){0};
}
