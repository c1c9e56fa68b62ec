/*
 * The certification authorities that the servers' TLS certificates are checked against: read once, and shared by all
 * connections. The chain that was last found good is remembered, since servers of one organization often show the same.
 */
#ifndef PROBE_AUTHORITY_H
#define PROBE_AUTHORITY_H

#include "base/error.h"

#include <openssl/ssl.h>
#include <stdbool.h>

struct authority;

/* `ca_file`: the file alone is trusted, as core/anchors.h reads it, with its errors. NULL = what this host trusts. */
bool authority_open(const char *ca_file, struct authority **ret_authority, struct error *err) MUST_CHECK;

/* Borrowed. */
X509_STORE *authority_store(const struct authority *authority);

/* Has the connections of `context` check against it; `authority` must outlive them. */
void authority_apply(struct authority *authority, SSL_CTX *context);

void authority_close(struct authority *authority);

#endif
