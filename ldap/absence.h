/*
 * Whether an attribute of which a server showed no value is really empty. To Active Directory what an account may not
 * read looks exactly like what is not there, in filters too ([MS-ADTS] 3.1.1.4.3), so an absence counts only when
 * something proves it: the object's access list lets this account read the attribute, or the object's metadata say that
 * it was never set. Other directories are asked by a filter that holds only where the attribute can be seen to be
 * empty (RFC 4511 4.5.1.7). Nothing is written. What a server does not show by its nature is for the caller to know.
 */
#ifndef LDAP_ABSENCE_H
#define LDAP_ABSENCE_H

#include "core/facts.h"
#include "ldap/connect/connection.h"
#include "ldap/read/rootdse.h"

/* YES: it has no value. NO: it may have one, which the account may not read. Unknown also when asking failed. */
enum answer absence_proved(struct connection *connection, const struct rootdse *rootdse, const char *dn,
                           const char *attribute);

/* The same as a right: YES when there is a value to be seen, or none for certain. */
enum answer absence_readable(struct connection *connection, const struct rootdse *rootdse, const char *dn,
                             const char *attribute);

#endif
