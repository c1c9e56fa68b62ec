/*
 * The names that a TLS certificate is for: read from it, and held against a host's. Pure.
 */
#ifndef CORE_INVENTORY_TLS_NAMES_H
#define CORE_INVENTORY_TLS_NAMES_H

#include "base/text.h"

#include <stdbool.h>

#include <openssl/x509.h>

/* Adds the DNS names and addresses of the certificate, printable; its common name where it has none of them (RFC 6125,
 * section 6.4.4). Without memory names->failed is set. */
void tls_names_list(const X509 *certificate, struct strings *names);

/* Is `host` one of them, without case? A wildcard stands for one whole label, the first. */
bool tls_names_cover(const struct strings *names, const char *host);

#endif
