/*
 * Attributes with very many values: Active Directory gives the first 1,500 or 5,000 of them under the attribute's name
 * with an option such as ";range=0-1499", and the others when they are asked for by such a name; the last part says
 * "*" for its end. A part is never taken for the whole.
 */
#ifndef LDAP_READ_RANGE_H
#define LDAP_READ_RANGE_H

#include "base/error.h"
#include "ldap/read/entry.h"

#include <stdbool.h>

#define RANGE_VALUES_MOST 100000            /* of one attribute */
#define RANGE_BYTES_MOST (16 * 1024 * 1024) /* of one entry's values beyond the first parts */

/* Whoever can search. */
struct range_source {
    /* Asks for one attribute of one entry, by its name with the option, and hands the answer to `take`. */
    bool (*fetch)(void *searcher, const char *dn, const char *name, entry_take *take, void *context, struct error *err);
    void *searcher;
};

/* Fetches what is missing of the entry's attributes and gives them their plain names. What came later belongs to the
 * attribute (owned). Errors: those of a search, DATA when the server's parts do not fit together. */
bool range_complete(const struct range_source *source, struct entry *entry, struct error *err) MUST_CHECK;

#endif
