#include "tests/renew/attribute.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Stands this letter alone, after the start or a separator and before the end or one? */
static bool stands_alone(const char *text, size_t at) {
    return is_letter(text[at]) && (at == 0 || strchr(": ", text[at - 1])) && strchr(" ^-", text[at + 1]);
}

static struct bytes copy(const void *data, size_t length) {
    struct bytes bytes = {.data = malloc(length + 1), .length = length};

    assert_non_null(bytes.data);
    if (length > 0)
        memcpy(bytes.data, data, length);
    bytes.data[length] = '\0';
    return bytes;
}

static struct bytes expand(const char *text) {
    char out[16 * THUMBPRINT_LENGTH];
    size_t length = 0;

    for (size_t i = 0; text[i] != '\0'; i++) {
        size_t times = stands_alone(text, i) ? THUMBPRINT_LENGTH : 1;

        assert_true(length + times < sizeof(out));
        memset(out + length, text[i] == '^' ? '\0' : text[i], times);
        length += times;
    }
    return copy(out, length);
}

void attribute_shorten(struct text *text, const struct bytes *value) {
    for (size_t i = 0; i < value->length; i++) {
        char c = (char)value->data[i];
        size_t run = 1;

        while (i + run < value->length && value->data[i + run] == value->data[i])
            run++;
        if (is_letter(c) && run == THUMBPRINT_LENGTH)
            i += run - 1;
        text_add_bytes(text, c == '\0' ? "^" : &c, 1);
    }
}

static bool equal(const struct bytes *one, const void *data, size_t length) {
    return one->length == length && memcmp(one->data, data, length) == 0;
}

static bool holds(const struct facts *facts, const void *data, size_t length) {
    for (size_t i = 0; i < facts->raw_count; i++)
        if (equal(&facts->raw_values[i], data, length))
            return true;
    return false;
}

static void add(struct facts *facts, const void *data, size_t length) {
    facts->raw_values = reallocarray(facts->raw_values, facts->raw_count + 1, sizeof(*facts->raw_values));
    assert_non_null(facts->raw_values);
    facts->raw_values[facts->raw_count++] = copy(data, length);
}

static void decode(struct facts *facts) {
    slots_decode(facts->raw_values, facts->raw_count, &facts->raw_date, &facts->slots);
}

static void make(struct attribute *attribute, const char *const *values, size_t count, const char *raw_date, bool set) {
    *attribute = (struct attribute){.facts = {.read = true}};
    for (size_t i = 0; i < count && values[i]; i++) {
        struct bytes value = expand(values[i]);

        if (!set || !holds(&attribute->facts, value.data, value.length))
            add(&attribute->facts, value.data, value.length);
        bytes_free(&value);
    }
    if (raw_date)
        attribute->facts.raw_date = expand(raw_date);
    decode(&attribute->facts);
}

void attribute_make(struct attribute *ret_attribute, const char *const *values, size_t count, const char *raw_date) {
    make(ret_attribute, values, count, raw_date, false);
}

void attribute_make_set(struct attribute *ret_attribute, const char *const *values, size_t count,
                        const char *raw_date) {
    make(ret_attribute, values, count, raw_date, true);
}

static bool is_deleted(const struct change *change, const struct bytes *value) {
    for (size_t i = 0; i < change->delete_count; i++)
        if (equal(value, change->delete_values[i]->data, change->delete_values[i]->length))
            return true;
    return false;
}

void attribute_apply(const struct attribute *before, const struct change *change, struct attribute *ret_after) {
    const struct facts *from = &before->facts;
    struct facts *to = &ret_after->facts;
    char date[TIME_TEXT_SIZE];

    *ret_after = (struct attribute){.facts = {.read = true}};
    for (size_t i = 0; i < change->delete_count; i++)
        assert_true(holds(from, change->delete_values[i]->data, change->delete_values[i]->length));
    for (size_t i = 0; i < from->raw_count && !change->replace_values; i++)
        if (!is_deleted(change, &from->raw_values[i]))
            add(to, from->raw_values[i].data, from->raw_values[i].length);
    for (size_t i = 0; i < change->add_count; i++) {
        assert_false(holds(to, change->add_values[i], strlen(change->add_values[i])));
        add(to, change->add_values[i], strlen(change->add_values[i]));
    }
    if (change->delete_date)
        assert_true(from->raw_date.data &&
                    equal(&from->raw_date, change->delete_date->data, change->delete_date->length));
    else if (from->raw_date.data)
        to->raw_date = copy(from->raw_date.data, from->raw_date.length);
    if (change->add_date) {
        assert_null(to->raw_date.data);
        time_format_generalized(date, change->date);
        to->raw_date = copy(date, strlen(date));
    }
    decode(to);
}

void attribute_clear(struct attribute *attribute) {
    facts_free(&attribute->facts);
}
