/*
 * The servers to try: those of the configuration, or the domain controllers of a domain by DNS: the SRV records that
 * each of them registers for itself ([MS-ADTS] 6.3.2, RFC 2782). DNS is not to be trusted: only names below the domain
 * itself count, and what TLS or Kerberos then prove is that name.
 */
#ifndef LDAP_CONNECT_DISCOVER_H
#define LDAP_CONNECT_DISCOVER_H

#include "base/error.h"
#include "base/text.h"
#include "ldap/connect/settings.h"

#include <stdbool.h>
#include <stddef.h>

#define DISCOVER_MOST 16           /* domain controllers that are tried */
#define DISCOVER_ANSWER_MOST 65536 /* bytes of one DNS answer */

struct discovered {
    char host[256]; /* a valid host name, without a dot at its end */
    int port;
    int priority;
    int weight;
};

/* The servers in the order in which they are tried: the URIs of the configuration, or those of the domain controllers
 * that DNS names, the ones of the settings' site first, each by priority and, among equals, at random by weight. They
 * are ldaps:// with its usual port, whatever port DNS names, or ldap:// unless tls = ldaps. NETWORK errors tell a name
 * that does not exist from a DNS server that does not answer. */
bool discover_servers(const struct directory_settings *settings, struct strings *ret_uris,
                      struct error *err) MUST_CHECK;

/* The SRV records in a DNS answer, in its order, at most `most`. Any bytes. Records with a target that is no host name
 * below `domain` count as `ret_refused` only. DATA error when it is no DNS answer. */
bool discover_parse(const unsigned char *answer, size_t length, const char *domain, struct discovered *found,
                    size_t most, size_t *ret_count, size_t *ret_refused, struct error *err) MUST_CHECK;

/* Does the host lie below the domain? A password must not follow a forged name to a host of somebody else, though that
 * has a good certificate. */
bool discover_below(const char *host, const char *domain);

/* Puts them into the order in which they are to be tried (RFC 2782). `below(n)` gives a random number from 0 to n-1. */
void discover_order(struct discovered *found, size_t count, unsigned (*below)(unsigned));

#endif
