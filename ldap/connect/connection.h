/*
 * One connection to one directory server: what is known of it, and its end. It is on the heap because libldap keeps a
 * pointer into it; whoever opens one (ldap/connect/open.h) closes it. Nothing of this machine's ldap.conf or LDAP*
 * environment has a say.
 */
#ifndef LDAP_CONNECT_CONNECTION_H
#define LDAP_CONNECT_CONNECTION_H

#include "ldap/connect/guard.h"
#include "ldap/connect/settings.h"
#include "ldap/connect/uri.h"

#include <ldap.h>
#include <stdbool.h>

struct connection {
    LDAP *handle;
    struct directory_uri uri;
    int timeout;        /* seconds that one answer may take */
    int patience;       /* seconds that making a TCP connection may take, for each address of the host */
    bool reached;       /* a TCP or local connection was made */
    bool loopback;      /* to this very machine */
    bool encrypted;     /* TLS is in place */
    bool sealed;        /* Kerberos encrypts what follows the log-in */
    char tls[32];       /* its protocol version, "" without TLS */
    struct guard guard; /* how long anything may still take */
    struct ldap_conncb callbacks;
};

/* Is there to be TLS on the way to this server? */
bool connection_wants_tls(const struct directory_settings *settings, const struct directory_uri *uri);

/* The LDAP result behind a failure in which no answer came. */
int connection_code(const struct connection *connection);

/* What a failure with libldap's result `code` really was: LDAP_TIMEOUT or LDAP_RESULTS_TOO_LARGE where the guard ended
 * the connection. */
int connection_outcome(const struct connection *connection, int code);

/* The file of trusted CAs in force. */
const char *connection_ca_file(const struct directory_settings *settings);

void connection_close(struct connection *connection);

#endif
