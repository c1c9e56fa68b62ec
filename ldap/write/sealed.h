/*
 * A sealed key pair on its way into a record: who may see the record is found out, seen to and read back before the
 * pair is added. Private to the files that write.
 */
#ifndef LDAP_WRITE_SEALED_H
#define LDAP_WRITE_SEALED_H

#include "base/error.h"
#include "base/file.h"
#include "core/change.h"
#include "ldap/connect/connection.h"
#include "ldap/write/descriptor.h"

#include <stdbool.h>

#define SEALED_DESCRIPTOR "nTSecurityDescriptor"

/* Who may see it: the account that is logged in, and the administrators above it. False where the directory does not
 * say who that is, as any but Active Directory. */
bool sealed_principals(struct connection *connection, struct principals *ret_principals, struct error *err) MUST_CHECK;

/* Adds the pair to the record `dn` unless one of ours is there, as `judge` tells. A record that others are let at is
 * closed to them first, which is tried once. False, and nothing is added, when it cannot be shown that it is closed. */
bool sealed_add(struct connection *connection, const char *dn, const struct principals *principals,
                const struct bytes *sealed, const struct sealed_judge *judge, struct error *err) MUST_CHECK;

#endif
