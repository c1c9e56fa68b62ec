/*
 * A change as LDIF (RFC 2849), exactly the modify that would be sent, for --dry-run and the history.
 */
#ifndef RENEW_LDIF_H
#define RENEW_LDIF_H

#include "core/change.h"

/* In new memory; NULL when out of memory. Values and DN that are not safe ASCII are base64-encoded. */
char *ldif_of_change(const char *dn, const struct change *change);

#endif
