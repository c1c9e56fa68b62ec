/*
 * Where one server's document is asked for: the URL made of the template, and, where the servers' TLS certificates
 * carry a name other than their own, how to reach the server under that name. Pure text.
 */
#ifndef PROBE_TARGET_H
#define PROBE_TARGET_H

#include "base/error.h"

#include <stdbool.h>

struct target {
    char *url;
    char *host;        /* the name that the certificate is checked against: tls_name, or the URL's host */
    char *connect_to;  /* where to connect to instead of the URL's host, as CURLOPT_CONNECT_TO wants it; NULL = there */
    char *host_header; /* "Host: ..." to send instead of the URL's; NULL = that one */
};

/* `url` is a template with {fqdn}, `tls_name` may be NULL. CONFIG error for a template that is no https:// address with
 * a host, DATA for an `fqdn` that is no host name. */
bool target_make(const char *url, const char *tls_name, const char *fqdn, struct target *ret_target,
                 struct error *err) MUST_CHECK;
void target_free(struct target *target);

#endif
