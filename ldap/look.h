/*
 * One look at the organization in the directory: connect to the first server that answers, go on from there to the one
 * writer, fetch all Exchange objects that matter in one paged search, and turn them into facts; and the same object at
 * the other domain controllers. Never writes. The facts are the caller's to free with facts_free.
 */
#ifndef LDAP_LOOK_H
#define LDAP_LOOK_H

#include "core/facts.h"
#include "base/secret.h"
#include "base/text.h"

#include <stdbool.h>
#include <time.h>

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

#define SERVERS_KNOWN_MOST 16

/* What one process has learnt of the servers, so that its next look neither asks DNS again nor waits for the dead a
 * second time. Begins as zero; free with directory_known_free. */
struct directory_known {
    struct strings uris;           /* in the order in which they are tried */
    bool dead[SERVERS_KNOWN_MOST]; /* did not answer */
    char *writer;                  /* the URI that the one writer was read at */
    char *lost_writer;             /* the URI at which it did not answer, */
    struct error lost;             /* and why */
};
void directory_known_free(struct directory_known *known);

/* The servers of the configuration, or those that DNS names, in the order in which they are tried. */
bool directory_servers(const struct directory_settings *settings, struct strings *ret_uris, struct error *err)
    __attribute__((warn_unused_result));

/* Looks at the one writer (ldap/writer.h); where that does not answer, at another server, with directory.writer_down
 * set and a remark that says why. Fills facts (never fails: see facts.read). `now` is this host's clock, for the skew.
 * `known` may be NULL. */
void directory_look(const struct directory_settings *settings, struct directory_known *known, time_t now,
                    struct facts *ret_facts);

/* Reads the thumbprints and the date at every other domain controller that holds the configuration partition and takes
 * writes, each with a timeout of its own, and sets facts->controllers: which have what these facts say. Asks where the
 * facts were read for the list. False, with the list empty, when even that did not answer. */
bool directory_compare(const struct directory_settings *settings, time_t now, struct facts *facts, struct error *err)
    __attribute__((warn_unused_result));

/* For doctor: tries one URI to the end of the bind and the rootDSE. Says in `ret_summary` (printable, owned by the
 * caller) what answered: server name, TLS protocol, clock; in `err` (which does not repeat the URI) what failed and how
 * to mend it. */
bool directory_probe(const struct directory_settings *settings, const char *uri, time_t now, char **ret_summary,
                     struct error *err) __attribute__((warn_unused_result));

#endif
