/*
 * A log-in to Active Directory's key server with a key table: a ticket for this one log-in, kept in memory and
 * destroyed with it. The user's own ticket cache is neither read nor written, and no environment variable is set; the
 * machine's krb5.conf, or the one that KRB5_CONFIG names, says where the key servers are.
 */
#ifndef KERBEROS_TICKET_H
#define KERBEROS_TICKET_H

#include "base/error.h"
#include "base/secret.h"
#include "kerberos/libkrb5.h"

#include <stdbool.h>

struct kerberos {
    struct libkrb5 library;
    krb5_context context;
    krb5_principal account;
    char *name; /* of the account, as NAME@REALM */
    krb5_ccache cache;
};

/* Gets a ticket for `principal` (NULL = the key table's first account) with the content of the key table. Errors, each
 * with what to do: CREDENTIALS, NETWORK (no key server), CONFIG, LOCAL. */
bool kerberos_open(const struct secret *keytab, const char *principal, struct kerberos **ret_kerberos,
                   struct error *err) __attribute__((warn_unused_result));

/* Gets a ticket for the LDAP service of `host`, exactly this name: no DNS has a say. `ret_service` is the service's
 * Kerberos name, the caller's to free. */
bool kerberos_ticket(struct kerberos *kerberos, const char *host, char **ret_service, struct error *err)
    __attribute__((warn_unused_result));

/* Destroys the tickets. */
void kerberos_close(struct kerberos *kerberos);

/* Sets `err` from Kerberos's result `code` of an attempt to `what`. Always returns false. */
bool kerberos_trouble(krb5_error_code code, const char *said, const char *what, struct error *err);

#endif
