/*
 * A search read one entry at a time, in pages where the server can, so that memory stays small however many entries
 * there are. Everything a server can send is capped, and an answer that was cut anywhere is a failure: a part is never
 * taken for the whole.
 */
#ifndef LDAP_READ_SEARCH_H
#define LDAP_READ_SEARCH_H

#include "base/error.h"
#include "ldap/connect/connection.h"
#include "ldap/read/entry.h"

#include <stdbool.h>
#include <stddef.h>

#define SEARCH_ENTRIES_MOST 25000              /* 20,000 servers and what stands around them */
#define SEARCH_BYTES_MOST (64UL * 1024 * 1024) /* of names and values in one search */
#define SEARCH_PAGE 1000                       /* Active Directory gives no more at once */

/* The control that says which parts of nTSecurityDescriptor are meant (LDAP_SERVER_SD_FLAGS_OID). */
#define DESCRIPTOR_CONTROL "1.2.840.113556.1.4.801"

struct search {
    const char *base;
    int scope; /* LDAP_SCOPE_* */
    const char *filter;
    const char *const *attributes; /* ends with NULL */
    bool paged;                    /* ask in pages */
    bool descriptor; /* of nTSecurityDescriptor, ask for owner and access list: the rest needs more rights */
    size_t most;     /* entries */
    entry_take *take;
    void *context;
};

/* Runs it to its end. Errors name the base; `ret_code` (may be NULL) is the LDAP result behind a failure that the
 * server reported, LDAP_SUCCESS for any other failure, and is set in every case. */
bool search_run(struct connection *connection, const struct search *search, int *ret_code,
                struct error *err) MUST_CHECK;

/* The same for one object, by its DN. */
bool search_object(struct connection *connection, const char *dn, const char *const *attributes, entry_take *take,
                   void *context, int *ret_code, struct error *err) MUST_CHECK;

#endif
