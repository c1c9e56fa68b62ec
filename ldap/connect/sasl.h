/*
 * Logging in by SASL's mechanism GSSAPI (RFC 4752) with Kerberos. Without TLS everything that follows the log-in is
 * sealed, or there is no log-in; under TLS there is no second layer, and the ticket is bound to the server's
 * certificate (tls-server-end-point, RFC 5929). The server's name is taken as it stands in the URI.
 */
#ifndef LDAP_CONNECT_SASL_H
#define LDAP_CONNECT_SASL_H

#include "base/error.h"
#include "ldap/connect/connection.h"

#include <stdbool.h>

/* Logs in on an open connection with the settings' keytab and principal. */
bool sasl_bind(struct connection *connection, const struct directory_settings *settings, struct error *err) MUST_CHECK;

#endif
