/*
 * Whom this program takes for a directory server: what the TLS library vouches for is looked at once more. GnuTLS
 * takes a common name beside or instead of a subject alternative name, a certificate that was made for clients, and
 * keys that can be broken.
 */
#ifndef LDAP_CONNECT_PEER_H
#define LDAP_CONNECT_PEER_H

#include "base/error.h"
#include "base/text.h"
#include "ldap/connect/connection.h"

#include <openssl/x509.h>
#include <stdbool.h>

#define PEER_RSA_BITS 2048
#define PEER_EC_BITS 256

/* Adds to `reasons` why a certificate is none of the server `host` (a name, or an address): the host is not among its
 * subject alternative names (RFC 9525; the common name never counts), it is not meant for TLS servers (RFC 5280,
 * 4.2.1.12), or its key or the digest of its signature is weak. */
void peer_judge(X509 *certificate, const char *host, struct strings *reasons);

/* Is there no TLS, or is the server's certificate one of that server's? Before any password or ticket is sent. NETWORK
 * error otherwise. */
bool peer_check(const struct connection *connection, struct error *err) MUST_CHECK;

/* The error of a server that cannot be trusted for these reasons. Always returns false. */
bool peer_refuse(const struct strings *reasons, struct error *err);

#endif
