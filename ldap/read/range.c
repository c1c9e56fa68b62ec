#include "ldap/read/range.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_SIZE 128
#define PARTS_MOST 100 /* of one attribute, at 1,500 values */
#define OPTION ";range="
#define DIGITS_MOST 9

/* One part: values `first` to `last`, or to the end. */
struct range {
    size_t stem; /* bytes of the name before the option */
    size_t first;
    size_t last;
    bool whole; /* to the end */
};

/* A part that was asked for. */
struct part {
    const char *name; /* of the attribute, without option */
    struct attribute *attribute;
    size_t count;  /* of its values */
    size_t *bytes; /* of all of the entry's that were fetched */
    bool seen;
    bool whole;
};

static bool read_number(const char **at, const char *end, size_t *ret_number) {
    size_t number = 0;
    int digits = 0;

    for (; *at < end && isdigit((unsigned char)**at) && digits < DIGITS_MOST; digits++)
        number = number * 10 + (size_t)(*(*at)++ - '0');
    *ret_number = number;
    return digits > 0;
}

/* False when the name has no such option. */
static bool read_range(const struct berval *name, struct range *ret_range) {
    const char *end = name->bv_val + name->bv_len;
    const char *at = memchr(name->bv_val, ';', name->bv_len);
    struct range range = {0};

    if (!at || (size_t)(end - at) < strlen(OPTION) || strncasecmp(at, OPTION, strlen(OPTION)) != 0)
        return false;
    range.stem = (size_t)(at - name->bv_val);
    at += strlen(OPTION);
    if (!read_number(&at, end, &range.first) || at == end || *at++ != '-')
        return false;
    range.whole = at < end && *at == '*';
    if (range.whole)
        at++;
    else if (!read_number(&at, end, &range.last))
        return false;
    *ret_range = range;
    return at == end;
}

static bool disagree(const char *dn, const char *name, struct error *err) {
    return error_set(err, ERROR_DATA,
                     "the parts of %.80s of %.400s do not fit together, and a part is not taken for the whole", name,
                     dn);
}

static bool append(BerVarray *to, BerVarray values, struct error *err) {
    for (size_t i = 0; values && values[i].bv_val; i++) {
        struct berval *copy = ber_bvdup(&values[i]);

        if (!copy || ber_bvarray_add(to, copy) < 0) {
            ber_bvfree(copy);
            return error_memory(err);
        }
        ber_memfree(copy);
    }
    return true;
}

/* Takes the next part, which has to begin where the last one ended. */
static bool take(void *context, const struct entry *entry, struct error *err) {
    struct part *part = context;
    size_t length = strlen(part->name);

    for (size_t i = 0; i < entry->count; i++) {
        const struct attribute *found = &entry->attributes[i];
        size_t count = values_count(found->values);
        struct range range;

        if (!read_range(&found->name, &range) || range.stem != length ||
            strncasecmp(found->name.bv_val, part->name, length) != 0)
            continue;
        if (part->seen || range.first != part->count || count == 0 ||
            (!range.whole && range.last + 1 != range.first + count) || part->count + count > RANGE_VALUES_MOST)
            return disagree(entry->dn, part->name, err);
        for (size_t j = 0; j < count; j++)
            *part->bytes += found->values[j].bv_len;
        if (*part->bytes > RANGE_BYTES_MOST)
            return error_set(err, ERROR_DATA,
                             "the values of %.400s are larger than %d bytes, and reading was ended there", entry->dn,
                             RANGE_BYTES_MOST);
        if (!append(&part->attribute->values, found->values, err))
            return false;
        part->count += count;
        part->seen = true;
        part->whole = range.whole;
    }
    return true;
}

/* The values point into a message; from here on they are the attribute's own. */
static bool own(struct attribute *attribute, struct error *err) {
    BerVarray values = attribute->values;
    bool ok;

    attribute->values = NULL;
    attribute->owned = true;
    ok = append(&attribute->values, values, err);
    ber_memfree(values);
    return ok;
}

static bool fetch(const struct range_source *source, const char *dn, struct attribute *attribute, const char *name,
                  size_t *bytes, struct error *err) {
    struct part part = {.name = name, .attribute = attribute, .bytes = bytes, .count = values_count(attribute->values)};
    char wanted[NAME_SIZE + 32];

    for (int i = 0; i < PARTS_MOST && !part.whole; i++) {
        snprintf(wanted, sizeof(wanted), "%s;range=%zu-*", name, part.count);
        part.seen = false;
        if (!source->fetch(source->searcher, dn, wanted, take, &part, err))
            return false;
        if (!part.seen)
            break;
    }
    return part.whole || disagree(dn, name, err);
}

bool range_complete(const struct range_source *source, struct entry *entry, struct error *err) {
    size_t bytes = 0;

    for (size_t i = 0; i < entry->count; i++) {
        struct attribute *attribute = &entry->attributes[i];
        struct range range;
        char name[NAME_SIZE];
        size_t count;

        if (!read_range(&attribute->name, &range))
            continue;
        if (range.stem == 0 || range.stem >= sizeof(name))
            return disagree(entry->dn, "an attribute", err);
        memcpy(name, attribute->name.bv_val, range.stem);
        name[range.stem] = '\0';
        count = values_count(attribute->values);
        if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") != range.stem ||
            range.first != 0 || count == 0 || (!range.whole && range.last + 1 != count))
            return disagree(entry->dn, name, err);
        attribute->name.bv_len = range.stem;
        if (!range.whole && (!own(attribute, err) || !fetch(source, entry->dn, attribute, name, &bytes, err)))
            return false;
    }
    return true;
}
