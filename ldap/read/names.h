/*
 * Distinguished names: taken apart with libldap, never by hand, so that escaped commas and other people's alphabets are
 * right. Values are compared as Active Directory compares them, without case in any alphabet. Strings returned are the
 * caller's to free.
 */
#ifndef LDAP_READ_NAMES_H
#define LDAP_READ_NAMES_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define NAME_DN_MOST 4096 /* bytes of a DN; a longer one is refused */

/* How many RDNs a DN has; 0 when it is none. */
size_t name_depth(const char *dn);

/* The value of the RDN at `index`, counted from the front (0 = the object itself), unescaped, printable. NULL when the
 * DN is none up to there, has no such RDN, or memory ran out; what follows that RDN is not looked at. Takes one of
 * several attributes in a multi-valued RDN: the first. */
char *name_value(const char *dn, size_t index);

/* Both at once, for many DNs: the depth, and the value of the RDN that is `from_end` RDNs before the end (0 = the last
 * one). False when it is no DN or has no such RDN. */
bool name_value_from_end(const char *dn, size_t from_end, size_t *ret_depth, char **ret_value) MUST_CHECK;

/* The DN of what an object lies in: a part of `dn` itself. NULL when it is no DN up to there, or there is none. */
const char *name_parent(const char *dn);

/* The same name by Active Directory's rules? */
bool name_equal(const char *a, const char *b);

/* The part of a DN that begins with the outermost object which replication renamed because two had one name: its RDN
 * holds a line feed and CNF: (MS-ADTS 3.1.1.5.1.6 names). A part of `dn` itself; NULL when there is none. Whatever lies
 * in it is as little seen by what goes by exact names. */
const char *name_conflict(const char *dn);

/* A DN with its control characters, invalid bytes and look-alike marks as \HH: printable, and still the same DN. */
char *name_printable(const char *dn);

#endif
