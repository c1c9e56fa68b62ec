/*
 * A failed LDAP operation in words: what the server said first, then what the result means and what to do about it,
 * classed by who can mend it. Active Directory hides the reason of a refused log-in in a hexadecimal number; it is
 * translated here.
 */
#ifndef LDAP_CONNECT_TROUBLE_H
#define LDAP_CONNECT_TROUBLE_H

#include "base/error.h"

#include <ldap.h>
#include <stdbool.h>

#define TROUBLE_DIAGNOSTIC_SIZE 384

/* Sets `err` from libldap's result `code` of an attempt to `what` ("log in as CN=..."). The server's text is taken from
 * the handle. Always returns false. */
bool trouble_set(LDAP *handle, int code, const char *what, struct error *err);

/* The same, where the server's text is at hand. NULL or "" = it said nothing. */
bool trouble_say(int code, const char *diagnostic, const char *what, struct error *err);

/* Copies the handle's diagnostic message, printable; "" when there is none. */
char *trouble_diagnostic(LDAP *handle, char out[TROUBLE_DIAGNOSTIC_SIZE]);

/* Is the failure one that another domain controller may not have: it did not answer, or not sensibly? */
bool trouble_elsewhere(const struct error *err);

#endif
