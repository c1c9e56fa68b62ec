/*
 * Why TLS refused a directory server. libldap with GnuTLS tells a wrong CA and an expired certificate apart in no way,
 * so the server's certificate is fetched once more over a connection that sends nothing else, and judged here.
 */
#ifndef LDAP_CONNECT_TLS_REASON_H
#define LDAP_CONNECT_TLS_REASON_H

#include "base/error.h"
#include "base/text.h"
#include "ldap/connect/settings.h"

#include <stddef.h>
#include <time.h>

/* Replaces the text in `err` by the reason when one can be found; leaves it as it is otherwise. */
void tls_reason_explain(const struct directory_settings *settings, const char *uri, time_t now, struct error *err);

/* Adds to `reasons` what is wrong with a server's certificate: its dates at `now`, what is wrong for the server `host`
 * (ldap/connect/peer.h), its issuer against the CAs in `ca_file`, which may be what cannot be read. */
void tls_reason_judge(const unsigned char *der, size_t length, const char *host, const char *ca_file, time_t now,
                      struct strings *reasons);

#endif
