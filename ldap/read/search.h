/*
 * A search read one entry at a time, in pages where the server can, so that memory stays small however many entries
 * there are. Everything a server can send is capped, and an answer that was cut anywhere is a failure: a part is never
 * taken for the whole.
 */
#ifndef LDAP_READ_SEARCH_H
#define LDAP_READ_SEARCH_H

#include "base/error.h"
#include "ldap/connect/connection.h"

#include <lber.h>
#include <stdbool.h>
#include <stddef.h>

#define SEARCH_ENTRIES_MOST 25000              /* 20,000 servers and what stands around them */
#define SEARCH_BYTES_MOST (64UL * 1024 * 1024) /* of names and values in one search */
#define SEARCH_PAGE 1000                       /* Active Directory gives no more at once */

/* One attribute of an entry. Values are not NUL-terminated strings. */
struct attribute {
    struct berval name;
    BerVarray values; /* ends with bv_val NULL; NULL when there is none */
    bool owned;       /* the values are its own, and not the message's */
};

#define ENTRY_ATTRIBUTES_MOST 32

/* Lives only during the call that hands it over. */
struct entry {
    const char *dn;
    struct attribute attributes[ENTRY_ATTRIBUTES_MOST];
    size_t count;
};

struct search {
    const char *base;
    int scope; /* LDAP_SCOPE_* */
    const char *filter;
    const char *const *attributes; /* ends with NULL */
    bool paged;                    /* ask in pages */
    bool descriptor; /* of nTSecurityDescriptor, ask for owner and access list: the rest needs more rights */
    size_t most;     /* entries */
    /* Takes one entry; false (with err) ends the search with that error. */
    bool (*take)(void *context, const struct entry *entry, struct error *err);
    void *context;
};

/* Runs it to its end. Errors name the base; `ret_code` (may be NULL) is the LDAP result behind a failure that the
 * server reported, LDAP_SUCCESS for any other failure, and is set in every case. */
bool search_run(struct connection *connection, const struct search *search, int *ret_code, struct error *err)
    __attribute__((warn_unused_result));

/* One more search while an entry of another is being taken: within that one's time. Nothing is completed by range. */
bool search_within(struct connection *connection, const struct search *search, struct error *err)
    __attribute__((warn_unused_result));

/* The values of an attribute (compared without case and without options); NULL when the entry has none. */
BerVarray entry_values(const struct entry *entry, const char *name);
size_t entry_count(const struct entry *entry, const char *name);

/* Its only value; NULL unless there is exactly one. */
const struct berval *entry_single(const struct entry *entry, const char *name);

/* Does the entry belong to this class? */
bool entry_has_class(const struct entry *entry, const char *name);

/* Is one of the values this text, without case? */
bool values_contain(BerVarray values, const char *text);

#endif
