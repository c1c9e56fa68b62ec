/*
 * The other domain controllers that hold the configuration partition and take writes, as Active Directory lists them
 * below CN=Sites. Plain names; nobody is asked here but the server behind the connection.
 */
#ifndef LDAP_READ_CONTROLLERS_H
#define LDAP_READ_CONTROLLERS_H

#include "base/error.h"
#include "base/text.h"
#include "ldap/connect/connection.h"
#include "ldap/read/rootdse.h"

#include <stdbool.h>

/* Their host names, without the server that is asked itself. `ret_nameless` counts those whose name cannot be read or
 * is none. A directory without CN=Sites has none. */
bool controllers_list(struct connection *connection, const struct rootdse *rootdse, struct strings *ret_hosts,
                      size_t *ret_nameless, struct error *err) MUST_CHECK;

/* The DNS names of the forest's domains: its root, which is in the configuration partition's own name, and those that
 * CN=Partitions knows. */
bool controllers_domains(struct connection *connection, const struct rootdse *rootdse, struct strings *ret_domains,
                         struct error *err) MUST_CHECK;

#endif
