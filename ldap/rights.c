#include "ldap/rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ldap.h>

#include "core/certificate.h"
#include "ldap/absence.h"
#include "ldap/connect/open.h"
#include "ldap/read/names.h"
#include "ldap/read/rootdse.h"
#include "ldap/read/search.h"
#include "ldap/write/probe.h"

#define EXCHANGE "CN=Microsoft Exchange,CN=Services,"
#define AUTH "CN=Auth Configuration,"
#define ORGANIZATION_CLASS "msExchOrganizationContainer"
#define NAMES_MOST 4096 /* of attributes or classes that are remembered */
#define CHILDREN_MOST 1000
#define RECORDS_LOOKED_AT 1000
#define ACCOUNT_MOST 512
#define ACCESS 7L /* owner, group or access list (sDRightsEffective) */

static bool search_below(struct connection *connection, const char *dn, const char *filter,
                         const char *const *attributes, size_t most, entry_take *take, void *context,
                         struct error *err) {
    struct search search = {.base = dn,
                            .scope = LDAP_SCOPE_ONELEVEL,
                            .filter = filter,
                            .attributes = attributes,
                            .most = most,
                            .take = take,
                            .context = context};

    return search_run(connection, &search, NULL, err);
}

static bool copy_names(BerVarray values, struct strings *names, struct error *err) {
    for (size_t i = 0; values && values[i].bv_val && i < NAMES_MOST; i++) {
        char *name = text_printable_copy(values[i].bv_val, values[i].bv_len, ACCOUNT_MOST);

        if (!name)
            return error_memory(err);
        strings_add(names, "%s", name);
        free(name);
    }
    return !names->failed || error_memory(err);
}

/* Active Directory leaves out the lists that are empty; what may stand in the object at all, and sDRightsEffective, it
 * gives to everybody who may read it. */
static bool take_object(void *context, const struct entry *entry, struct error *err) {
    struct rights_on *on = context;
    const struct berval *access = entry_single(entry, "sDRightsEffective");

    on->seen = true;
    on->told = entry_values(entry, "allowedAttributes") != NULL;
    on->access = access && access->bv_len > 0 && access->bv_len < 8 && (strtol(access->bv_val, NULL, 10) & ACCESS) != 0;
    return copy_names(entry_values(entry, "allowedAttributesEffective"), &on->attributes, err) &&
           copy_names(entry_values(entry, "allowedChildClassesEffective"), &on->classes, err);
}

/* An object that cannot be seen is one of which nothing is told. */
static bool read_object(struct connection *connection, const char *dn, struct rights_on *on, struct error *err) {
    static const char *const attributes[] = {"allowedAttributes", "allowedAttributesEffective",
                                             "allowedChildClassesEffective", "sDRightsEffective", NULL};
    struct error why = {0};

    if (!dn)
        return true;
    on->dn = name_printable(dn);
    if (!on->dn)
        return error_memory(err);
    return search_object(connection, dn, attributes, take_object, on, NULL, &why) || why.kind != ERROR_LOCAL ||
           error_memory(err);
}

static bool take_token(void *context, const struct entry *entry, struct error *err) {
    struct rights *rights = context;
    BerVarray token = entry_values(entry, "tokenGroups");
    struct sid sid;

    (void)err;
    if (token && token[0].bv_val && sid_parse(token[0].bv_val, token[0].bv_len, &sid))
        sid_format(&sid, rights->sid);
    return true;
}

/* NAME@DOMAIN of the account's own object; a group that came first in the token is none. */
static bool take_account(void *context, const struct entry *entry, struct error *err) {
    struct rights *rights = context;
    const struct berval *name = entry_single(entry, "sAMAccountName");
    struct text text = {0};
    char *domain = NULL;

    if (!entry_has_class(entry, "user") || !name || name->bv_len > ACCOUNT_MOST ||
        ldap_dn2domain(entry->dn, &domain) != 0 || !domain) {
        ldap_memfree(domain);
        return true;
    }
    text_add_bytes(&text, name->bv_val, name->bv_len);
    text_format(&text, "@%s", domain);
    ldap_memfree(domain);
    if (!text.failed)
        rights->account = text_printable_copy(text.value, text.length, 2 * ACCOUNT_MOST);
    text_free(&text);
    return rights->account || error_memory(err);
}

/* Who it is; what is not to be learnt stays unknown. */
static void read_account(struct connection *connection, struct rights *rights) {
    static const char *const token[] = {"tokenGroups", NULL};
    static const char *const names[] = {"objectClass", "sAMAccountName", NULL};
    char dn[SID_TEXT_SIZE + 8];

    if (!search_object(connection, "", token, take_token, rights, NULL, NULL) || !rights->sid[0])
        return;
    snprintf(dn, sizeof(dn), "<SID=%s>", rights->sid);
    if (!search_object(connection, dn, names, take_account, rights, NULL, NULL))
        return;
    if (!rights->account)
        rights->sid[0] = '\0';
}

static void format_guid(const unsigned char *guid, char out[GUID_TEXT_SIZE]) {
    snprintf(out, GUID_TEXT_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", guid[3],
             guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6], guid[8], guid[9], guid[10], guid[11],
             guid[12], guid[13], guid[14], guid[15]);
}

static bool take_guid(void *context, const struct entry *entry, struct error *err) {
    struct rights_guids *guids = context;
    BerVarray name = entry_values(entry, "lDAPDisplayName");
    const struct berval *guid = entry_single(entry, "schemaIDGUID");

    (void)err;
    if (!guid || guid->bv_len != GUID_SIZE)
        return true;
    if (values_contain(name, RIGHTS_THUMBPRINTS))
        format_guid((const unsigned char *)guid->bv_val, guids->thumbprints);
    else if (values_contain(name, RIGHTS_DATE))
        format_guid((const unsigned char *)guid->bv_val, guids->date);
    else if (values_contain(name, RIGHTS_RECORD))
        format_guid((const unsigned char *)guid->bv_val, guids->record);
    else if (values_contain(name, RIGHTS_WORDS))
        format_guid((const unsigned char *)guid->bv_val, guids->words);
    return true;
}

static bool read_guids(struct connection *connection, const char *configuration, struct rights *rights,
                       struct error *err) {
    static const char *const attributes[] = {"lDAPDisplayName", "schemaIDGUID", NULL};
    struct text schema = {0};

    text_format(&schema, "CN=Schema,%s", configuration);
    if (schema.failed)
        return error_memory(err);
    if (!search_below(connection, schema.value,
                      "(|(lDAPDisplayName=" RIGHTS_THUMBPRINTS ")(lDAPDisplayName=" RIGHTS_DATE
                      ")(lDAPDisplayName=" RIGHTS_RECORD ")(lDAPDisplayName=" RIGHTS_WORDS "))",
                      attributes, 8, take_guid, &rights->guids, NULL))
        rights->guids = (struct rights_guids){0};
    text_free(&schema);
    return true;
}

/* What lies in CN=Microsoft Exchange: an object whose class cannot be read may be an organization. */
struct children {
    const char *wanted; /* name of the organization; NULL = the only one */
    char *dn;           /* of an organization, else of one that may be one */
    bool certain, several;
};

static bool take_child(void *context, const struct entry *entry, struct error *err) {
    struct children *children = context;
    bool certain = entry_has_class(entry, ORGANIZATION_CLASS);
    char *name = name_value(entry->dn, 0);
    bool wanted = name && (!children->wanted || name_equal(name, children->wanted));

    free(name);
    if (!wanted || (!certain && (children->certain || entry_values(entry, "objectClass"))))
        return true;
    children->several = children->dn && certain == children->certain;
    children->certain = certain;
    free(children->dn);
    children->dn = strdup(entry->dn);
    return children->dn || error_memory(err);
}

/* The organization of a look that failed; nothing where it is not clear which. */
static bool find_hidden(struct connection *connection, const struct directory_settings *settings,
                        const char *configuration, char **ret_dn, struct error *err) {
    static const char *const attributes[] = {"objectClass", NULL};
    struct children children = {.wanted = settings->organization};
    struct text base = {0};
    struct error why = {0};
    bool ok;

    text_format(&base, EXCHANGE "%s", configuration);
    ok = !base.failed && (search_below(connection, base.value, "(objectClass=*)", attributes, CHILDREN_MOST, take_child,
                                       &children, &why) ||
                          why.kind != ERROR_LOCAL);
    text_free(&base);
    if (!ok || children.several) {
        free(children.dn);
        children.dn = NULL;
    }
    *ret_dn = children.dn;
    return ok || error_memory(err);
}

/* `organization`: its DN. */
static bool read_objects(struct connection *connection, const char *organization, const char *auth,
                         struct rights *rights, struct error *err) {
    return read_object(connection, organization, &rights->organization, err) &&
           read_object(connection, auth, &rights->auth, err);
}

static enum answer may(const struct rights_on *on, const char *attribute) {
    for (size_t i = 0; i < on->attributes.count; i++)
        if (strcasecmp(on->attributes.items[i], attribute) == 0)
            return ANSWER_YES;
    return on->told ? ANSWER_NO : ANSWER_UNKNOWN;
}

/* Whether the two attributes that matter can be read and written, of an auth configuration that can be seen. */
static void ask_attributes(struct connection *connection, const struct rootdse *rootdse, const char *dn,
                           struct rights *rights) {
    rights->thumbprints = may(&rights->auth, RIGHTS_THUMBPRINTS);
    rights->date = may(&rights->auth, RIGHTS_DATE);
    if (!rights->auth.seen || (rights->active_directory && !rights->auth.told))
        return;
    if (!rights->auth.told) {
        rights->thumbprints = probe_write(connection, dn, PROBE_TEXT, RIGHTS_THUMBPRINTS);
        rights->date = probe_write(connection, dn, PROBE_INSTANT, RIGHTS_DATE);
    }
    rights->thumbprints_read = absence_readable(connection, rootdse, dn, RIGHTS_THUMBPRINTS);
    rights->date_read = absence_readable(connection, rootdse, dn, RIGHTS_DATE);
    rights->hidden_in_part = rights->thumbprints_read != ANSWER_YES;
}

/* Of a look that failed: what can be seen all the same. */
static bool read_hidden(struct connection *connection, const struct directory_settings *settings,
                        const struct rootdse *rootdse, struct rights *rights, struct error *err) {
    struct text auth = {0};
    char *hidden = NULL;
    bool ok;

    if (!find_hidden(connection, settings, rootdse->configuration, &hidden, err))
        return false;
    if (!hidden)
        return true;
    text_format(&auth, AUTH "%s", hidden);
    ok = !auth.failed ? read_objects(connection, hidden, auth.value, rights, err) : error_memory(err);
    if (ok)
        ask_attributes(connection, rootdse, auth.value, rights);
    rights->hidden = !rights->auth.told || rights->hidden_in_part;
    text_free(&auth);
    free(hidden);
    return ok;
}

static bool read_exchange(struct connection *connection, const struct directory_settings *settings,
                          const struct facts *facts, const struct rootdse *rootdse, struct rights *rights,
                          struct error *err) {
    const char *dn = facts->directory.dn;

    if (!facts->read)
        return read_hidden(connection, settings, rootdse, rights, err);
    if (!read_objects(connection, name_parent(dn), dn, rights, err))
        return false;
    ask_attributes(connection, rootdse, dn, rights);
    return true;
}

static bool take_record(void *context, const struct entry *entry, struct error *err) {
    struct rights *rights = context;
    char thumbprint[THUMBPRINT_SIZE];
    char *name = name_value(entry->dn, 0);
    bool ours = name && thumbprint_parse(name, strlen(name), thumbprint);

    (void)err;
    free(name);
    if (ours && entry_values(entry, "allowedAttributes")) {
        rights->records++;
        if (values_contain(entry_values(entry, "allowedAttributesEffective"), RIGHTS_WORDS))
            rights->records_writable++;
    }
    return true;
}

static bool read_container(struct connection *connection, const char *dn, struct rights *rights, struct error *err) {
    static const char *const attributes[] = {"allowedAttributes", "allowedAttributesEffective", NULL};
    struct error why = {0};

    if (!read_object(connection, dn, &rights->container, err))
        return false;
    return !dn ||
           search_below(connection, dn, "(objectClass=" RIGHTS_RECORD ")", attributes, RECORDS_LOOKED_AT, take_record,
                        rights, &why) ||
           why.kind != ERROR_LOCAL || error_memory(err);
}

static bool read_all(struct connection *connection, const struct directory_settings *settings,
                     const struct facts *facts, struct rights *rights, struct error *err) {
    struct rootdse rootdse = {0};
    bool ok;

    if (!rootdse_read(connection, &rootdse, err))
        return false;
    read_account(connection, rights);
    rights->active_directory = rootdse.settings || rights->sid[0];
    ok = read_exchange(connection, settings, facts, &rootdse, rights, err) &&
         read_container(connection, facts->directory.records_dn, rights, err) &&
         read_guids(connection, rootdse.configuration, rights, err);
    rootdse_free(&rootdse);
    return ok;
}

bool rights_read(const struct directory_settings *settings, time_t now, const struct facts *facts,
                 struct rights *ret_rights, struct error *err) {
    struct connection *connection = NULL;
    struct rights rights = {0};
    bool ok;

    if (!facts->directory.uri)
        return error_set(err, ERROR_BUG, "rights were asked for where nothing was read");
    ok = open_server(settings, facts->directory.uri, now, &connection, err) &&
         read_all(connection, settings, facts, &rights, err);
    connection_close(connection);
    if (ok)
        *ret_rights = rights;
    else
        rights_free(&rights);
    return ok;
}

static void free_on(struct rights_on *on) {
    free(on->dn);
    strings_free(&on->attributes);
    strings_free(&on->classes);
}

void rights_free(struct rights *rights) {
    free(rights->account);
    free_on(&rights->organization);
    free_on(&rights->auth);
    free_on(&rights->container);
    *rights = (struct rights){0};
}
