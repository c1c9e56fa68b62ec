#include "kerberos/keytab.h"

#include <stdint.h>
#include <string.h>

#define COMPONENTS_MOST 16 /* of one name; real ones have two */

struct reader {
    const unsigned char *at;
    size_t left;
};

static bool skip(struct reader *reader, size_t count) {
    if (reader->left < count)
        return false;
    reader->at += count;
    reader->left -= count;
    return true;
}

static bool number(struct reader *reader, size_t size, uint32_t *ret_number) {
    uint32_t value = 0;

    for (size_t i = 0; i < size && i < reader->left; i++)
        value = value << 8 | reader->at[i];
    *ret_number = value;
    return skip(reader, size);
}

/* A length of two bytes and as many bytes. */
static bool counted(struct reader *reader, uint32_t *ret_length) {
    return number(reader, 2, ret_length) && skip(reader, *ret_length);
}

/* Components, realm, the components' texts, name type, time, version, kind of the key, the key; what follows is for
 * newer versions. */
static bool entry(struct reader reader) {
    uint32_t components = 0;
    uint32_t length = 0;

    if (!number(&reader, 2, &components) || components == 0 || components > COMPONENTS_MOST ||
        !counted(&reader, &length) || length == 0)
        return false;
    for (uint32_t i = 0; i < components; i++)
        if (!counted(&reader, &length))
            return false;
    return skip(&reader, 4 + 4 + 1 + 2) && counted(&reader, &length) && length > 0;
}

bool keytab_check(const void *data, size_t length, struct error *err) {
    struct reader reader = {data, length};
    size_t entries = 0;
    uint32_t size = 0;

    if (length < 2 || memcmp(data, "\x05\x02", 2) != 0)
        return error_set(err, ERROR_CONFIG, "the file that keytab names is no key table: check keytab");
    reader = (struct reader){reader.at + 2, length - 2};
    while (reader.left > 0) {
        bool hole;

        if (!number(&reader, 4, &size))
            goto damaged;
        if (size == 0)
            break;
        /* A negative size is that of an entry which was removed. */
        hole = size > INT32_MAX;
        size = hole ? 0 - size : size;
        if (size > INT32_MAX || size > reader.left || (!hole && !entry((struct reader){reader.at, size})))
            goto damaged;
        reader = (struct reader){reader.at + size, reader.left - size};
        entries += !hole;
    }
    if (entries > 0)
        return true;
    return error_set(err, ERROR_CONFIG, "the key table is empty: make a new one");
damaged:
    return error_set(err, ERROR_CONFIG, "the key table is damaged: make a new one");
}
