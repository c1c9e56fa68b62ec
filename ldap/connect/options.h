/*
 * The libldap options of a new connection, each checked. What is not set here stays at libldap's built-in default, for
 * the configuration files and environment variables of this machine are kept out.
 */
#ifndef LDAP_CONNECT_OPTIONS_H
#define LDAP_CONNECT_OPTIONS_H

#include "base/error.h"
#include "ldap/connect/connection.h"

#include <stdbool.h>

#define OPTIONS_MESSAGE_MOST (8 * 1024 * 1024) /* bytes of one LDAP message; a larger one is refused unread */

/* Makes connection->handle for connection->uri, not yet connected. `verify` false accepts any certificate. */
bool options_apply(struct connection *connection, const struct directory_settings *settings, bool verify,
                   struct error *err) MUST_CHECK;

#endif
