/*
 * One directory URI taken apart: how it is spoken to, and with whom. Never touches the network. Plain values, nothing
 * to free.
 */
#ifndef LDAP_CONNECT_URI_H
#define LDAP_CONNECT_URI_H

#include "base/error.h"

#include <stdbool.h>

#define URI_MOST 1024
#define URI_HOST_SIZE 256

struct directory_uri {
    const char *text;         /* as configured, borrowed */
    bool tls;                 /* ldaps:// */
    bool local;               /* ldapi:// */
    int port;                 /* 0 for ldapi:// */
    char host[URI_HOST_SIZE]; /* "" for ldapi:// */
};

/* Accepts ldap://HOST[:PORT], ldaps://HOST[:PORT] and ldapi://PATH without anything behind. CONFIG error otherwise. */
bool directory_uri_parse(const char *text, struct directory_uri *ret_uri, struct error *err) MUST_CHECK;

/* Is it a global catalog (ports 3268 and 3269), which takes no writes and shows a part of each object only? */
bool directory_uri_is_catalog(const struct directory_uri *uri);

/* Is this URI one of that host, names compared without case, other than its global catalog? */
bool directory_uri_names(const char *text, const char *host);

/* ldaps://HOST or ldap://HOST, with `port` unless that is 0 or the scheme's own; `host` is a valid host name. Returns
 * `out`. */
char *directory_uri_make(bool tls, const char *host, int port, char out[URI_MOST]);

#endif
