/*
 * Logging in. Refuses to send a password over a way that others can read, before anything is sent, and never logs in
 * with an empty one, which servers take for no log-in at all.
 */
#ifndef LDAP_CONNECT_BIND_H
#define LDAP_CONNECT_BIND_H

#include "base/error.h"
#include "ldap/connect/connection.h"

#include <stdbool.h>

/* What can be told before connecting: is this way of logging in one that may be tried at this URI? CONFIG error. */
bool bind_allowed(const struct directory_settings *settings, const char *uri, struct error *err) MUST_CHECK;

/* Logs in on an open connection. */
bool bind_account(struct connection *connection, const struct directory_settings *settings,
                  struct error *err) MUST_CHECK;

#endif
