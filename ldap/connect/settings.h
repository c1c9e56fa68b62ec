/*
 * How the directory is reached and logged in to, as the configuration says it. Plain values, nothing of libldap:
 * whoever reads the configuration needs no more than this.
 */
#ifndef LDAP_CONNECT_SETTINGS_H
#define LDAP_CONNECT_SETTINGS_H

#include "base/secret.h"
#include "base/text.h"

#include <stdbool.h>

enum directory_bind { BIND_GSSAPI, BIND_SIMPLE, BIND_ANONYMOUS };
enum directory_tls { DIRECTORY_TLS_LDAPS, DIRECTORY_TLS_STARTTLS, DIRECTORY_TLS_OFF };

/* Borrowed from the configuration; outlives every call. */
struct directory_settings {
    struct strings uris; /* tried in order; empty with `domain` */
    const char *domain;  /* its domain controllers are found by DNS; NULL = uris name them */
    const char *site;    /* those of this site first; NULL = none is preferred */
    enum directory_bind bind;
    const char *bind_dn;          /* simple */
    struct secret password;       /* simple */
    struct secret keytab;         /* gssapi: the content of the key table */
    const char *principal;        /* gssapi; NULL = the key table's first account */
    enum directory_tls tls;       /* how an ldap:// URI is protected; an ldaps:// URI always uses TLS */
    bool allow_cleartext;         /* a simple bind without TLS is refused unless set, and then only to loopback */
    const char *ca_file;          /* NULL = the system's */
    int timeout;                  /* seconds, for connecting and for each operation */
    const char *organization;     /* NULL = the only one */
    const char *writer;           /* a host name; NULL = auto */
    bool records;                 /* our own records are looked at too */
    const struct strings *ignore; /* FQDNs never counted, compared without case */
};

#endif
