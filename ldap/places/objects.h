/*
 * One entry each of what ldap/places/places.h reads, taken into the inventory. Names of servers are their RDNs until
 * objects_join has seen all servers. What cannot be read of an entry is a remark, never an error.
 */
#ifndef LDAP_PLACES_OBJECTS_H
#define LDAP_PLACES_OBJECTS_H

#include "base/error.h"
#include "core/inventory/inventory.h"
#include "ldap/read/entry.h"

#include <stdbool.h>

/* The name of the server that an object lies in, by "CN=Protocols,CN=EX1,CN=Servers" in its DN; NULL = in none. */
char *objects_server(const char *dn);

/* One that holds a certificate of `kind`, in the attribute `attribute`, DER or serialized: a place called `name`. An
 * attribute without values is none. */
bool objects_certificate(struct inventory *inventory, enum place_kind kind, const struct entry *entry,
                         const char *attribute, const char *name, const char *server, struct error *err) MUST_CHECK;

/* A send or receive connector, or the hybrid object. */
bool connectors_take(struct inventory *inventory, enum connector_kind kind, const struct entry *entry,
                     struct error *err) MUST_CHECK;

/* A virtual directory, or the service connection point of Autodiscover. */
bool names_take(struct inventory *inventory, const struct entry *entry, struct error *err) MUST_CHECK;

#endif
