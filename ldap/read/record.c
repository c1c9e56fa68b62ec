#include "ldap/read/record.h"

#include <stdlib.h>
#include <string.h>

#include "ldap/read/names.h"
#include "ldap/read/search.h"

#define CONTAINER "CN=authcert,CN=Services,"

/* Active Directory takes larger values than any sealed pair has. */
#define SEALED_MOST 65536
#define SEALED_COUNT_MOST 8

bool record_is_sealed(const void *value, size_t length) {
    static const unsigned char type[] = {6, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 16, 1, 23};
    const unsigned char *bytes = value;
    size_t at = 2; /* SEQUENCE and its length */

    if (length < at || bytes[0] != 0x30)
        return false;
    if (bytes[1] > 0x80)
        at += bytes[1] & 0x7F;
    return at < length && length - at >= sizeof(type) && memcmp(bytes + at, type, sizeof(type)) == 0;
}

static bool add_sealed(struct record_facts *record, const struct berval *value) {
    struct bytes *list;

    if (value->bv_len > SEALED_MOST || record->sealed_count == SEALED_COUNT_MOST)
        return true;
    list = reallocarray(record->sealed, record->sealed_count + 1, sizeof(*list));
    if (!list)
        return false;
    record->sealed = list;
    list[record->sealed_count] = (struct bytes){.data = malloc(value->bv_len), .length = value->bv_len};
    if (!list[record->sealed_count].data)
        return false;
    memcpy(list[record->sealed_count++].data, value->bv_val, value->bv_len);
    return true;
}

static bool take_certificate(struct record_facts *record, BerVarray values, struct error *err) {
    for (size_t i = 0; values && values[i].bv_val; i++) {
        struct certificate *certificate = NULL;
        struct error why = {0};

        if (record_is_sealed(values[i].bv_val, values[i].bv_len)) {
            if (!add_sealed(record, &values[i]))
                return error_memory(err);
            continue;
        }
        if (certificate_parse((const unsigned char *)values[i].bv_val, values[i].bv_len, &certificate, &why) &&
            !record->certificate && strcmp(certificate->thumbprint, record->thumbprint) == 0) {
            record->certificate = certificate;
            continue;
        }
        certificate_free(certificate);
        if (why.kind == ERROR_LOCAL)
            return error_memory(err);
    }
    return true;
}

static bool take_holders(struct record_facts *record, BerVarray values, struct error *err) {
    for (size_t i = 0; values && values[i].bv_val && i < RECORD_WORDS_MOST; i++) {
        char name[RECORD_WORD_LENGTH];
        size_t length = values[i].bv_len;

        if (length < 2 || length > sizeof(name) || values[i].bv_val[0] != RECORD_HOLDER)
            continue;
        memcpy(name, values[i].bv_val + 1, length - 1);
        name[length - 1] = '\0';
        if (strlen(name) == length - 1 && text_is_server_name(name))
            strings_add(&record->holders, "%s", name);
    }
    return !record->holders.failed || error_memory(err);
}

static bool add(struct facts *facts, const struct record_facts *record, struct error *err) {
    struct record_facts *records = reallocarray(facts->records, facts->record_count + 1, sizeof(*records));

    if (!records)
        return error_memory(err);
    facts->records = records;
    records[facts->record_count++] = *record;
    return true;
}

/* Objects of other kinds and names are other people's. */
static bool take(void *context, const struct entry *entry, struct error *err) {
    struct facts *facts = context;
    struct record_facts record = {0};
    char *name;
    bool ours;

    if (name_equal(entry->dn, facts->directory.records_dn))
        facts->may_record = entry_may_make(entry, RECORD_CLASS);
    if (!entry_has_class(entry, RECORD_CLASS))
        return true;
    name = name_value(entry->dn, 0);
    ours = name && thumbprint_parse(name, strlen(name), record.thumbprint);
    free(name);
    if (!ours)
        return true;
    if (take_certificate(&record, entry_values(entry, RECORD_BYTES), err) &&
        take_holders(&record, entry_values(entry, RECORD_WORDS), err)) {
        record.marked = values_contain(entry_values(entry, RECORD_WORDS), RECORD_MARK);
        if ((!record.certificate || !record.marked) && !facts->directory.read_only)
            remarks_add(&facts->remarks, "record-incomplete",
                        "The record of %s in the directory %s, so nothing counts that it says.", record.thumbprint,
                        record.certificate ? "lacks the mark of authcert" : "does not hold its certificate");
        if (add(facts, &record, err))
            return true;
    }
    certificate_free(record.certificate);
    strings_free(&record.holders);
    record_free_sealed(&record);
    return false;
}

static char *container_of(const char *configuration) {
    struct text dn = {0};

    text_format(&dn, "%s%s", CONTAINER, configuration);
    return text_take(&dn);
}

bool record_read(struct connection *connection, const char *configuration, struct facts *facts, struct error *err) {
    static const char *const attributes[] = {
        "objectClass", RECORD_BYTES, RECORD_WORDS, "allowedChildClasses", "allowedChildClassesEffective", NULL};
    struct search search = {
        .scope = LDAP_SCOPE_SUBTREE,
        .filter = "(|(objectClass=container)(objectClass=" RECORD_CLASS "))",
        .attributes = attributes,
        .most = RECORDS_MOST,
        .take = take,
        .context = facts,
    };
    struct error why = {0};
    int code = LDAP_SUCCESS;

    facts->directory.records_dn = container_of(configuration);
    if (!facts->directory.records_dn)
        return error_memory(err);
    search.base = facts->directory.records_dn;
    if (search_run(connection, &search, &code, &why)) {
        facts->records_read = ANSWER_YES;
    } else if (code == LDAP_NO_SUCH_OBJECT) {
        facts->records_read = ANSWER_NO;
    } else if (why.kind == ERROR_LOCAL) {
        return error_memory(err);
    } else {
        remarks_add(&facts->remarks, "records-unreadable", "The records in the directory could not be read: %s",
                    why.text);
    }
    return !facts->remarks.failed || error_memory(err);
}
