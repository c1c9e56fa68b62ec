/*
 * A connection to one directory server with the account logged in: TLS verified, no secret sent unless the way is safe,
 * and where TLS refuses the server, the reason in words.
 */
#ifndef LDAP_CONNECT_OPEN_H
#define LDAP_CONNECT_OPEN_H

#include "base/error.h"
#include "ldap/connect/connection.h"
#include "ldap/connect/settings.h"

#include <stdbool.h>
#include <time.h>

/* Connects and logs in; end with connection_close. `now` only helps to say why a server's certificate is not good.
 * Errors: CONFIG (also for everything refused before a byte was sent), CREDENTIALS, NETWORK (nothing answered, or TLS
 * refused the peer), DIRECTORY, LOCAL. */
bool open_server(const struct directory_settings *settings, const char *uri, time_t now,
                 struct connection **ret_connection, struct error *err) MUST_CHECK;

#endif
