/*
 * The auth configuration object itself, read in one piece: the slots, the date, certificates, who changed it last and
 * whether the account may write it. Fills its part of the facts; what is malformed is decoded, never an error.
 */
#ifndef LDAP_READ_AUTH_CONFIG_H
#define LDAP_READ_AUTH_CONFIG_H

#include "base/error.h"
#include "core/facts.h"
#include "ldap/connect/connection.h"

#include <stdbool.h>

/* Reads the object `dn` into `facts` (raw values, slots, realm, service name, changes, may_write, remarks). On failure
 * what was filled stays for facts_free. */
bool auth_config_read(struct connection *connection, const char *dn, struct facts *facts, struct error *err) MUST_CHECK;

#endif
