/*
 * The organization's name as its auth configuration's DN spells it, for a run that cannot ask the directory. Pure.
 */
#ifndef MONITOR_STATE_ORGANIZATION_H
#define MONITOR_STATE_ORGANIZATION_H

#include <stddef.h>

/* The name below CN=Microsoft Exchange,CN=Services, unescaped (RFC 4514 2.4) and printable; "" when `dn` is NULL or is
 * spelled otherwise. `size` is at least 8. Returns `out`. */
char *organization_of_dn(const char *dn, char *out, size_t size);

#endif
