/*
 * A change as LDIF (RFC 2849), exactly the modify that would be sent, for --dry-run and the history.
 */
#ifndef RENEW_LDIF_H
#define RENEW_LDIF_H

#include "core/change.h"

/* One record without the empty line behind it, in new memory; NULL when out of memory. Values and DN that are not
 * printable ASCII are base64-encoded, lines are never folded. An empty change gives a record that changes nothing,
 * which ldapmodify does not take: ask change_is_empty first. */
char *ldif_of_change(const char *dn, const struct change *change);

#endif
