/*
 * Whether an attribute may be written, asked of a directory that does not say so by itself. A change is sent that no
 * directory can carry out, whatever the object holds: two values are to be deleted that are not both there. Whoever may
 * write is told that they are not there (16), others that they may not (50). As a change is carried out whole or not at
 * all (RFC 4511, 4.6), nothing is changed in either case.
 */
#ifndef LDAP_WRITE_PROBE_H
#define LDAP_WRITE_PROBE_H

#include "core/facts.h"
#include "ldap/connect/connection.h"

enum probe_kind {
    PROBE_TEXT,   /* the values are of random letters and digits */
    PROBE_INSTANT /* a single-valued date */
};

/* Unknown for any answer but those two. */
enum answer probe_write(struct connection *connection, const char *dn, enum probe_kind kind, const char *attribute);

#endif
