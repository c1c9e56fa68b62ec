/*
 * A connection to one directory server as far as TLS, with nobody logged in: every libldap option set and checked, TLS
 * of the kind that the settings ask for, and no secret sent.
 */
#ifndef LDAP_CONNECT_DIAL_H
#define LDAP_CONNECT_DIAL_H

#include "base/error.h"
#include "ldap/connect/connection.h"
#include "ldap/connect/settings.h"

#include <stdbool.h>

/* Connects; end with connection_close. `verify` false takes any certificate, which is for nothing but finding out why
 * verification failed. On failure *ret_distrusted says whether the server was reached and TLS is what went wrong.
 * Errors: CONFIG (refused before a byte was sent), NETWORK (nothing answered, or TLS refused the peer), LOCAL. */
bool dial_server(const struct directory_settings *settings, const char *uri, bool verify,
                 struct connection **ret_connection, bool *ret_distrusted, struct error *err) MUST_CHECK;

#endif
