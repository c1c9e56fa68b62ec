/*
 * Everything that goes over a connection after a Kerberos log-in without TLS, encrypted and protected: a layer in
 * libldap's socket that wraps what is written and unwraps what is read (RFC 4752, 3.1: a length of four bytes, then the
 * token). A token that is not sealed, damaged or too large ends the connection.
 */
#ifndef LDAP_CONNECT_SEAL_H
#define LDAP_CONNECT_SEAL_H

#include "base/error.h"
#include "kerberos/context.h"

#include <ldap.h>
#include <stdbool.h>
#include <stddef.h>

#define SEAL_TOKEN_MOST 0xffff /* bytes of a token that the server may send: it is told so */

/* Puts the layer in; from then on it owns the context, and *context is NULL. `most`: bytes of a token that
 * the server takes. */
bool seal_install(LDAP *handle, struct context **context, size_t most, struct error *err) MUST_CHECK;

#endif
