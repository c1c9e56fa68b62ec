/*
 * The container of our records. The agent makes it where its account may make one in CN=Services; elsewhere an admin
 * does, as doctor says.
 */
#ifndef LDAP_WRITE_CONTAINER_H
#define LDAP_WRITE_CONTAINER_H

#include "ldap/connect/connection.h"

/* Makes the container `dn`, whose parent is there. Returns the LDAP result: LDAP_SUCCESS also when another agent made
 * it meanwhile, and LDAP_INSUFFICIENT_ACCESS without trying where the directory says that the account may not. */
int container_make(struct connection *connection, const char *dn);

#endif
