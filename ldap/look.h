/*
 * One look at the organization in the directory: connect to the first URI that answers, bind, read the rootDSE, fetch
 * all Exchange objects that matter in one paged search, and turn them into facts. Never writes. The facts are the
 * caller's to free with facts_free.
 */
#ifndef LDAP_LOOK_H
#define LDAP_LOOK_H

#include "core/facts.h"
#include "core/secret.h"
#include "core/text.h"

#include <stdbool.h>
#include <time.h>

enum directory_bind { BIND_GSSAPI, BIND_SIMPLE, BIND_ANONYMOUS };
enum directory_tls { DIRECTORY_TLS_LDAPS, DIRECTORY_TLS_STARTTLS, DIRECTORY_TLS_OFF };

/* Borrowed from the configuration; outlives every call. */
struct directory_settings {
    struct strings uris; /* tried in order */
    enum directory_bind bind;
    const char *bind_dn;          /* simple */
    struct secret password;       /* simple */
    enum directory_tls tls;       /* how an ldap:// URI is protected; an ldaps:// URI always uses TLS */
    bool allow_cleartext;         /* a simple bind without TLS is refused unless set, and then only to loopback */
    const char *ca_file;          /* NULL = the system's */
    int timeout;                  /* seconds, for connecting and for each operation */
    const char *organization;     /* NULL = the only one */
    const char *writer;           /* NULL = auto */
    bool records;                 /* our own records are looked at too */
    const struct strings *ignore; /* FQDNs never counted, compared without case */
};

/* Fills facts (never fails: see facts.read). `now` is this host's clock, for the skew. */
void directory_look(const struct directory_settings *settings, time_t now, struct facts *ret_facts);

/* For doctor: tries one URI to the end of the bind and the rootDSE. Says in `ret_summary` (printable, owned by the
 * caller) what answered: server name, TLS protocol, clock; in `err` (which does not repeat the URI) what failed and how
 * to mend it. */
bool directory_probe(const struct directory_settings *settings, const char *uri, time_t now, char **ret_summary,
                     struct error *err) __attribute__((warn_unused_result));

#endif
