/*
 * A log-in to Active Directory's key server with a key table: a ticket for this one log-in, kept in memory and
 * destroyed with it. The user's own ticket cache is neither read nor written, and no environment variable is set; the
 * machine's krb5.conf, or the one that KRB5_CONFIG names, says where the key servers are.
 */
#ifndef KERBEROS_TICKET_H
#define KERBEROS_TICKET_H

#include "base/error.h"
#include "base/secret.h"

#include <krb5.h>
#include <stdbool.h>

#define TICKET_WHAT_SIZE 400

struct ticket {
    krb5_context library;
    krb5_principal principal;
    krb5_ccache cache;
    bool shared;                 /* the cache is that of another ticket */
    char *account;               /* as NAME@REALM */
    char *service;               /* as SERVICE/HOST@REALM */
    char what[TICKET_WHAT_SIZE]; /* "log in as ACCOUNT at SERVICE", for the words of an error */
};

/* Logs in as `principal` (NULL = the key table's first account) with the content of the key table, and gets a ticket
 * for `service` ("ldap") on `host`, exactly this name: no DNS has a say. Errors, each with what to do: CREDENTIALS,
 * NETWORK (no key server), CONFIG, LOCAL. */
bool ticket_open(const struct secret *keytab, const char *principal, const char *service, const char *host,
                 struct ticket **ret_ticket, struct error *err) MUST_CHECK;

/* The same in two steps, for whoever goes to several hosts: the log-in, and a ticket for one of them. The log-in is no
 * ticket for anybody yet; it outlives those that are made of it. *ret_unknown: it failed because the domain knows no
 * such service. */
bool ticket_login(const struct secret *keytab, const char *principal, struct ticket **ret_login,
                  struct error *err) MUST_CHECK;
bool ticket_for(const struct ticket *login, const char *service, const char *host, struct ticket **ret_ticket,
                bool *ret_unknown, struct error *err) MUST_CHECK;

/* Destroys what the key server gave. */
void ticket_close(struct ticket *ticket);

/* Sets `err` from Kerberos's result `code` of an attempt to `what`. Always returns false. */
bool kerberos_trouble(krb5_error_code code, const char *said, const char *what, struct error *err);

#endif
