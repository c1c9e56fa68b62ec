#include "ldap/read/auth_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ldap/read/metadata.h"
#include "ldap/read/search.h"

#define THUMBPRINTS "msExchAuthCertificateThumbprint"
#define NEXT_DATE "msExchAuthNextEffectiveDate"
#define CERTIFICATES "msExchAuthCertificateData"
#define METADATA "msDS-ReplAttributeMetaData"

#define THUMBPRINTS_MOST 64
#define THUMBPRINT_VALUE_MOST 4096
#define CERTIFICATES_MOST 64
#define TEXT_MOST 1024 /* bytes of realm and service name as shown */

struct reading {
    struct facts *facts;
    bool seen;
};

static bool copy_bytes(const struct berval *value, struct bytes *ret_bytes, struct error *err) {
    unsigned char *data = malloc(value->bv_len + 1);

    if (!data)
        return error_memory(err);
    memcpy(data, value->bv_val, value->bv_len);
    data[value->bv_len] = '\0';
    *ret_bytes = (struct bytes){.data = data, .length = value->bv_len};
    return true;
}

/* Adds values to a list; one that is larger than `most` is passed over and counted. */
static bool copy_values(BerVarray values, size_t most, struct bytes **list, size_t *count, size_t *passed_over,
                        struct error *err) {
    size_t number = values_count(values);

    if (number == 0)
        return true;
    *list = calloc(number, sizeof(**list));
    if (!*list)
        return error_memory(err);
    for (size_t i = 0; i < number; i++) {
        if (values[i].bv_len > most)
            (*passed_over)++;
        else if (!copy_bytes(&values[i], &(*list)[*count], err))
            return false;
        else
            (*count)++;
    }
    return true;
}

static bool read_slots(const struct entry *entry, struct facts *facts, struct error *err) {
    const struct berval *date = entry_single(entry, NEXT_DATE);
    size_t passed_over = 0;

    if (entry_count(entry, THUMBPRINTS) > THUMBPRINTS_MOST)
        return error_set(err, ERROR_DATA, "the auth configuration has %zu values in " THUMBPRINTS "; three are usual",
                         entry_count(entry, THUMBPRINTS));
    if (!copy_values(entry_values(entry, THUMBPRINTS), THUMBPRINT_VALUE_MOST, &facts->raw_values, &facts->raw_count,
                     &passed_over, err))
        return false;
    if (passed_over)
        return error_set(err, ERROR_DATA,
                         "the auth configuration has a value of more than %d bytes in " THUMBPRINTS "; 42 are usual",
                         THUMBPRINT_VALUE_MOST);
    if (entry_count(entry, NEXT_DATE) > 1)
        return error_set(err, ERROR_DATA, "the auth configuration has several values in the single-valued " NEXT_DATE);
    if (date && date->bv_len > THUMBPRINT_VALUE_MOST)
        return error_set(err, ERROR_DATA, "the auth configuration has a date of %zu bytes in " NEXT_DATE,
                         (size_t)date->bv_len);
    if (date && !copy_bytes(date, &facts->raw_date, err))
        return false;
    slots_decode(facts->raw_values, facts->raw_count, date ? &facts->raw_date : NULL, &facts->slots);
    return true;
}

static bool read_certificates(const struct entry *entry, struct facts *facts, struct error *err) {
    size_t passed_over = 0;

    if (entry_count(entry, CERTIFICATES) > CERTIFICATES_MOST) {
        remarks_add(&facts->remarks, "certificate-data",
                    "The auth configuration has %zu values in " CERTIFICATES ", which are not read: "
                    "more than %d make no sense.",
                    entry_count(entry, CERTIFICATES), CERTIFICATES_MOST);
        return true;
    }
    if (!copy_values(entry_values(entry, CERTIFICATES), CERTIFICATE_MOST, &facts->certificate_data,
                     &facts->certificate_data_count, &passed_over, err))
        return false;
    if (passed_over)
        remarks_add(&facts->remarks, "certificate-data",
                    "%zu values of " CERTIFICATES " are larger than %d bytes and are not read.", passed_over,
                    CERTIFICATE_MOST);
    return true;
}

static bool read_texts(const struct entry *entry, struct facts *facts, struct error *err) {
    const struct berval *realm = entry_single(entry, "msExchAuthRealm");
    const struct berval *name = entry_single(entry, "msExchAuthApplicationIdentifier");

    facts->realm = realm ? text_printable_copy(realm->bv_val, realm->bv_len, TEXT_MOST) : strdup("");
    if (!facts->realm)
        return error_memory(err);
    if (name && !(facts->service_name = text_printable_copy(name->bv_val, name->bv_len, TEXT_MOST)))
        return error_memory(err);
    return true;
}

/* Both times can only be later than the truth, never earlier; the decision takes the earliest. */
static bool read_changes(const struct entry *entry, struct facts *facts, struct error *err) {
    BerVarray values = entry_values(entry, METADATA);
    const struct berval *changed = entry_single(entry, "whenChanged");
    struct metadata metadata;

    if (changed && !time_parse_generalized(changed->bv_val, changed->bv_len, &facts->object_changed, NULL))
        remarks_add(&facts->remarks, "when-changed",
                    "The auth configuration's whenChanged is no date that makes sense.");
    for (size_t i = 0; values && values[i].bv_val; i++) {
        if (!metadata_parse(values[i].bv_val, values[i].bv_len, THUMBPRINTS, &metadata))
            continue;
        /* Windows' zero is the year 1601: never changed. */
        facts->attribute_changed = metadata.changed > 0 ? metadata.changed : 0;
        if (metadata.server[0] && !facts->changed_by && !(facts->changed_by = strdup(metadata.server)))
            return error_memory(err);
    }
    return true;
}

/* Active Directory leaves out allowedAttributesEffective for an account that may write nothing, but always gives
 * allowedAttributes; a directory that gives neither does not tell. */
static enum answer read_rights(const struct entry *entry) {
    BerVarray effective = entry_values(entry, "allowedAttributesEffective");

    if (!effective)
        return entry_values(entry, "allowedAttributes") ? ANSWER_NO : ANSWER_UNKNOWN;
    return values_contain(effective, THUMBPRINTS) && values_contain(effective, NEXT_DATE) ? ANSWER_YES : ANSWER_NO;
}

static bool take(void *context, const struct entry *entry, struct error *err) {
    struct reading *reading = context;
    struct facts *facts = reading->facts;

    reading->seen = true;
    if (!read_slots(entry, facts, err) || !read_certificates(entry, facts, err) || !read_texts(entry, facts, err) ||
        !read_changes(entry, facts, err))
        return false;
    facts->may_write = read_rights(entry);
    return !facts->remarks.failed || error_memory(err);
}

bool auth_config_read(struct connection *connection, const char *dn, struct facts *facts, struct error *err) {
    static const char *const attributes[] = {THUMBPRINTS,   NEXT_DATE,           CERTIFICATES,
                                             METADATA,      "msExchAuthRealm",   "msExchAuthApplicationIdentifier",
                                             "whenChanged", "allowedAttributes", "allowedAttributesEffective",
                                             NULL};
    struct reading reading = {.facts = facts};

    if (!search_object(connection, dn, attributes, take, &reading, NULL, err))
        return false;
    if (!reading.seen)
        return error_set(err, ERROR_DIRECTORY,
                         "the auth configuration %s was there a moment ago and is not now, or the "
                         "account may not read it: try again, or grant it Read",
                         dn);
    return true;
}
