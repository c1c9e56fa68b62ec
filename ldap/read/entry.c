#include "ldap/read/entry.h"

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

size_t entry_count(const struct entry *entry, const char *name) {
    BerVarray values = entry_values(entry, name);
    size_t count = 0;

    while (values && values[count].bv_val)
        count++;
    return count;
}

const struct berval *entry_single(const struct entry *entry, const char *name) {
    return entry_count(entry, name) == 1 ? entry_values(entry, name) : NULL;
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
