#include "ldap/absence.h"

#include <stdlib.h>
#include <string.h>

#include <ldap.h>

#include "ldap/read/search.h"
#include "ldap/write/descriptor.h"

#define DESCRIPTOR "nTSecurityDescriptor"
#define METADATA "msDS-ReplAttributeMetaData"
#define CONFIDENTIAL 0x80 /* of searchFlags: reading asks for one more right */

/* What the account is and what it sees of the object and the schema. */
struct evidence {
    const char *attribute;
    struct sid *token; /* its identities; Active Directory alone tells them */
    size_t token_count;
    struct attribute_guids guids;
    bool guids_known, confidential;
    enum answer lets_read;
    bool never_set; /* by metadata that can be read */
    bool shown;     /* there is a value after all */
};

static bool take_token(void *context, const struct entry *entry, struct error *err) {
    struct evidence *evidence = context;
    BerVarray values = entry_values(entry, "tokenGroups");
    size_t count = values_count(values);

    if (count == 0 || evidence->token != NULL)
        return true;
    evidence->token = calloc(count, sizeof(*evidence->token));
    if (evidence->token == NULL)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        if (sid_parse(values[i].bv_val, values[i].bv_len, &evidence->token[evidence->token_count]))
            evidence->token_count++;
    return true;
}

static bool take_schema(void *context, const struct entry *entry, struct error *err) {
    struct evidence *evidence = context;
    const struct berval *guid = entry_single(entry, "schemaIDGUID");
    const struct berval *set = entry_single(entry, "attributeSecurityGUID");
    char *flags = NULL;

    if (guid == NULL || guid->bv_len != GUID_SIZE)
        return true;
    memcpy(evidence->guids.attribute, guid->bv_val, GUID_SIZE);
    evidence->guids.in_set = set != NULL && set->bv_len == GUID_SIZE;
    if (evidence->guids.in_set)
        memcpy(evidence->guids.set, set->bv_val, GUID_SIZE);
    if (!entry_text(entry, "searchFlags", 16, &flags, err))
        return false;
    evidence->confidential = flags != NULL && (strtol(flags, NULL, 10) & CONFIDENTIAL) != 0;
    evidence->guids_known = true;
    free(flags);
    return true;
}

static bool take_object(void *context, const struct entry *entry, struct error *err) {
    struct evidence *evidence = context;
    const struct berval *descriptor = entry_single(entry, DESCRIPTOR);
    BerVarray metadata = entry_values(entry, METADATA);

    (void)err;
    evidence->shown = entry_values(entry, evidence->attribute) != NULL;
    if (descriptor != NULL && evidence->guids_known)
        evidence->lets_read = descriptor_lets_read(descriptor->bv_val, descriptor->bv_len, evidence->token,
                                                   evidence->token_count, &evidence->guids);
    evidence->never_set = metadata != NULL;
    for (size_t i = 0; metadata != NULL && metadata[i].bv_val != NULL; i++)
        if (memmem(metadata[i].bv_val, metadata[i].bv_len, evidence->attribute, strlen(evidence->attribute)) != NULL)
            evidence->never_set = false;
    return true;
}

static bool read_schema(struct connection *connection, const struct rootdse *rootdse, struct evidence *evidence) {
    static const char *const attributes[] = {"schemaIDGUID", "attributeSecurityGUID", "searchFlags", NULL};
    struct text base = {0}, filter = {0};
    bool ok;

    text_format(&base, "CN=Schema,%s", rootdse->configuration);
    text_format(&filter, "(lDAPDisplayName=%s)", evidence->attribute);
    ok = !base.failed && !filter.failed &&
         search_run(connection,
                    &(struct search){.base = base.value,
                                     .scope = LDAP_SCOPE_ONELEVEL,
                                     .filter = filter.value,
                                     .attributes = attributes,
                                     .most = 1,
                                     .take = take_schema,
                                     .context = evidence},
                    NULL, NULL);
    text_free(&base);
    text_free(&filter);
    return ok;
}

static enum answer by_access_list(struct connection *connection, const struct rootdse *rootdse, const char *dn,
                                  struct evidence *evidence) {
    const char *const attributes[] = {evidence->attribute, DESCRIPTOR, METADATA, NULL};
    struct search object = {.base = dn,
                            .scope = LDAP_SCOPE_BASE,
                            .filter = "(objectClass=*)",
                            .attributes = attributes,
                            .descriptor = true,
                            .most = 1,
                            .take = take_object,
                            .context = evidence};

    if (!read_schema(connection, rootdse, evidence) || !search_run(connection, &object, NULL, NULL) || evidence->shown)
        return ANSWER_UNKNOWN;
    if (evidence->never_set)
        return ANSWER_YES;
    return evidence->confidential && evidence->lets_read == ANSWER_YES ? ANSWER_UNKNOWN : evidence->lets_read;
}

static bool take_any(void *context, const struct entry *entry, struct error *err) {
    (void)entry;
    (void)err;
    *(bool *)context = true;
    return true;
}

static enum answer by_filter(struct connection *connection, const char *dn, const char *attribute) {
    static const char *const nothing[] = {LDAP_NO_ATTRS, NULL};
    struct text filter = {0};
    bool seen = false, ok;

    text_format(&filter, "(!(%s=*))", attribute);
    ok = !filter.failed && search_run(connection,
                                      &(struct search){.base = dn,
                                                       .scope = LDAP_SCOPE_BASE,
                                                       .filter = filter.value,
                                                       .attributes = nothing,
                                                       .most = 1,
                                                       .take = take_any,
                                                       .context = &seen},
                                      NULL, NULL);
    text_free(&filter);
    if (!ok)
        return ANSWER_UNKNOWN;
    return seen ? ANSWER_YES : ANSWER_NO;
}

enum answer absence_proved(struct connection *connection, const struct rootdse *rootdse, const char *dn,
                           const char *attribute) {
    static const char *const token[] = {"tokenGroups", NULL};
    struct evidence evidence = {.attribute = attribute};
    enum answer proved = ANSWER_UNKNOWN;

    if (search_object(connection, "", token, take_token, &evidence, NULL, NULL)) {
        if (evidence.token_count > 0)
            proved = by_access_list(connection, rootdse, dn, &evidence);
        else if (!rootdse->settings)
            proved = by_filter(connection, dn, attribute);
    }
    free(evidence.token);
    return proved;
}

static bool take_values(void *context, const struct entry *entry, struct error *err) {
    struct evidence *evidence = context;

    (void)err;
    evidence->shown = entry_values(entry, evidence->attribute) != NULL;
    return true;
}

enum answer absence_readable(struct connection *connection, const struct rootdse *rootdse, const char *dn,
                             const char *attribute) {
    const char *const attributes[] = {attribute, NULL};
    struct evidence evidence = {.attribute = attribute};

    if (!search_object(connection, dn, attributes, take_values, &evidence, NULL, NULL))
        return ANSWER_UNKNOWN;
    return evidence.shown ? ANSWER_YES : absence_proved(connection, rootdse, dn, attribute);
}
