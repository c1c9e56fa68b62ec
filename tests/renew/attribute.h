/*
 * An auth configuration for tests, made from short forms: a single hex letter stands for a thumbprint of forty of it,
 * and ^ for a NUL. Only the facts about the two attributes are filled. Clear with attribute_clear.
 */
#ifndef TESTS_RENEW_ATTRIBUTE_H
#define TESTS_RENEW_ATTRIBUTE_H

#include "core/change.h"
#include "core/facts.h"
#include "base/text.h"

#include <stddef.h>

struct attribute {
    struct facts facts;
};

/* From values in short form, up to the first NULL; a raw date of NULL is none. */
void attribute_make(struct attribute *ret_attribute, const char *const *values, size_t count, const char *raw_date);

/* The same, but of equal values only one is taken: what a directory holds is a set. */
void attribute_make_set(struct attribute *ret_attribute, const char *const *values, size_t count, const char *raw_date);

/* Does what a directory would do; the test fails where the directory would refuse. */
void attribute_apply(const struct attribute *before, const struct change *change, struct attribute *ret_after);

/* Adds a value in its short form. */
void attribute_shorten(struct text *text, const struct bytes *value);

void attribute_clear(struct attribute *attribute);

#endif
