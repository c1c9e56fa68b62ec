/*
 * One entry as a server sent it, and what is asked of it. It lives only during the call that hands it over.
 */
#ifndef LDAP_READ_ENTRY_H
#define LDAP_READ_ENTRY_H

#include "base/error.h"
#include "core/facts.h"

#include <lber.h>
#include <stdbool.h>
#include <stddef.h>

/* One attribute of an entry. Values are not NUL-terminated strings. */
struct attribute {
    struct berval name;
    BerVarray values; /* ends with bv_val NULL; NULL when there is none */
    bool owned;       /* the values are its own, and not the message's */
};

#define ENTRY_ATTRIBUTES_MOST 32

struct entry {
    const char *dn;
    struct attribute attributes[ENTRY_ATTRIBUTES_MOST];
    size_t count;
};

/* Takes one entry; false (with err) ends the search with that error. */
typedef bool entry_take(void *context, const struct entry *entry, struct error *err);

/* The values of an attribute (compared without case and without options); NULL when the entry has none. */
BerVarray entry_values(const struct entry *entry, const char *name);
size_t entry_count(const struct entry *entry, const char *name);
size_t values_count(BerVarray values);

/* Its only value as text, the caller's to free; NULL also when it is empty, longer than `most` bytes or holds a NUL.
 * False only when memory ran out. */
bool entry_text(const struct entry *entry, const char *name, size_t most, char **ret_text,
                struct error *err) MUST_CHECK;

/* Its only value; NULL unless there is exactly one. */
const struct berval *entry_single(const struct entry *entry, const char *name);

/* Its only value as a whole number in decimal digits, and nothing else. */
bool entry_number(const struct entry *entry, const char *name, long *ret_number) MUST_CHECK;

/* Does the entry belong to this class? */
bool entry_has_class(const struct entry *entry, const char *name);

/* Is one of the values this text, without case? */
bool values_contain(BerVarray values, const char *text);

/* May the account make objects of this class below it, by its allowedChildClasses and allowedChildClassesEffective?
 * Active Directory leaves out the second for an account that may make nothing there. */
enum answer entry_may_make(const struct entry *entry, const char *name);

#endif
