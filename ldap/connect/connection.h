/*
 * One connection to one directory server, from its URI to the end of the log-in: every libldap option set and checked,
 * TLS verified, no secret sent unless the way is safe. Whoever opens a connection closes it. Nothing of this machine's
 * ldap.conf or LDAP* environment has a say.
 */
#ifndef LDAP_CONNECT_CONNECTION_H
#define LDAP_CONNECT_CONNECTION_H

#include "base/error.h"
#include "ldap/connect/guard.h"
#include "ldap/look.h"
#include "ldap/connect/uri.h"

#include <ldap.h>
#include <stdbool.h>
#include <time.h>

/* A server that does not take the connection within so many seconds is passed over where there is another to ask: a
 * dead one would cost the whole timeout otherwise. */
#define CONNECTION_PATIENCE 3

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

/* Connects and logs in. The connection is on the heap because libldap keeps a pointer into it. `now` only helps to say
 * why a server's certificate is not good. Errors: CONFIG (also for everything refused before a byte was sent),
 * CREDENTIALS, NETWORK (nothing answered, or TLS refused the peer), DIRECTORY, LOCAL. */
bool connection_open(const struct directory_settings *settings, const char *uri, time_t now,
                     struct connection **ret_connection, struct error *err) __attribute__((warn_unused_result));

/* Connects without logging in, and TLS only as far as the handshake: the server is not verified. For nothing but
 * finding out why verification failed. */
bool connection_open_unverified(const struct directory_settings *settings, const char *uri,
                                struct connection **ret_connection, struct error *err)
    __attribute__((warn_unused_result));

/* Is there to be TLS on the way to this server? */
bool connection_wants_tls(const struct directory_settings *settings, const struct directory_uri *uri);

/* The file of trusted CAs in force. */
const char *connection_ca_file(const struct directory_settings *settings);

void connection_close(struct connection *connection);

#endif
