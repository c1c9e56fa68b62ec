#include "ldap/read/entry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool name_is(const struct berval *value, const char *text) {
    return value->bv_len == strlen(text) && strncasecmp(value->bv_val, text, value->bv_len) == 0;
}

BerVarray entry_values(const struct entry *entry, const char *name) {
    for (size_t i = 0; i < entry->count; i++)
        /* Beside a part of the values, Active Directory names the attribute once more, with none. */
        if (name_is(&entry->attributes[i].name, name) && entry->attributes[i].values &&
            entry->attributes[i].values->bv_val)
            return entry->attributes[i].values;
    return NULL;
}

size_t values_count(BerVarray values) {
    size_t count = 0;

    while (values && values[count].bv_val)
        count++;
    return count;
}

size_t entry_count(const struct entry *entry, const char *name) {
    return values_count(entry_values(entry, name));
}

const struct berval *entry_single(const struct entry *entry, const char *name) {
    BerVarray values = entry_values(entry, name);

    return values_count(values) == 1 ? values : NULL;
}

bool entry_text(const struct entry *entry, const char *name, size_t most, char **ret_text, struct error *err) {
    const struct berval *value = entry_single(entry, name);

    *ret_text = NULL;
    if (!value || value->bv_len == 0 || value->bv_len > most || memchr(value->bv_val, '\0', value->bv_len))
        return true;
    *ret_text = strndup(value->bv_val, value->bv_len);
    return *ret_text || error_memory(err);
}

bool entry_number(const struct entry *entry, const char *name, long *ret_number) {
    const struct berval *value = entry_single(entry, name);
    char text[32];
    char *end = NULL;

    if (!value || value->bv_len == 0 || value->bv_len >= sizeof(text))
        return false;
    memcpy(text, value->bv_val, value->bv_len);
    text[value->bv_len] = '\0';
    *ret_number = strtol(text, &end, 10);
    return end == text + value->bv_len && strlen(text) == value->bv_len;
}

bool values_contain(BerVarray values, const char *text) {
    for (size_t i = 0; values && values[i].bv_val; i++)
        if (name_is(&values[i], text))
            return true;
    return false;
}

bool entry_has_class(const struct entry *entry, const char *name) {
    return values_contain(entry_values(entry, "objectClass"), name);
}

enum answer entry_may_make(const struct entry *entry, const char *name) {
    BerVarray effective = entry_values(entry, "allowedChildClassesEffective");

    if (!effective)
        return entry_values(entry, "allowedChildClasses") ? ANSWER_NO : ANSWER_UNKNOWN;
    return values_contain(effective, name) ? ANSWER_YES : ANSWER_NO;
}
