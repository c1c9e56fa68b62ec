#include "ldap/connect/dial.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ldap/connect/options.h"
#include "ldap/connect/trouble.h"

/* A server that does not take the connection within so many seconds is passed over where there is another to ask: a
 * dead one would cost the whole timeout otherwise. */
#define PATIENCE 3

/* libldap says the same of a name that nobody knows and of a host that does not answer. */
static bool resolves(const char *host, char said[TROUBLE_DIAGNOSTIC_SIZE]) {
    struct addrinfo *addresses = NULL;
    int code = getaddrinfo(host, NULL, NULL, &addresses);

    if (code == 0)
        freeaddrinfo(addresses);
    else
        snprintf(said, TROUBLE_DIAGNOSTIC_SIZE, "the host name %s cannot be resolved: %s", host, gai_strerror(code));
    return code == 0;
}

static bool connect_socket(struct connection *connection, struct error *err) {
    char said[TROUBLE_DIAGNOSTIC_SIZE];

    if (ldap_connect(connection->handle) == 0)
        return true;
    trouble_diagnostic(connection->handle, said);
    if (!connection->reached && !connection->uri.local && !resolves(connection->uri.host, said))
        return error_set(err, ERROR_NETWORK, "cannot connect: %s. Check the name in uri and this host's DNS", said);
    return trouble_say(connection_code(connection), said, connection->reached ? "make a TLS connection" : "connect",
                       err);
}

static bool start_tls(struct connection *connection, struct error *err) {
    int code = ldap_start_tls_s(connection->handle, NULL, NULL);

    if (code == LDAP_SUCCESS)
        return true;
    trouble_set(connection->handle, connection_outcome(connection, code), "start TLS", err);
    /* A refusal is no reason to go on without. The kind lets other servers be tried. */
    if (err)
        err->kind = ERROR_NETWORK;
    return false;
}

/* Trusts what libldap says is in place, not what was asked for. */
static bool note_tls(struct connection *connection, struct error *err) {
    char *version = NULL;

    connection->encrypted = ldap_tls_inplace(connection->handle) == 1;
    if (!connection->encrypted)
        return error_set(err, ERROR_NETWORK, "the connection was made without TLS, although TLS is required");
    if (ldap_get_option(connection->handle, LDAP_OPT_X_TLS_VERSION, &version) != LDAP_OPT_SUCCESS || !version)
        return error_set(err, ERROR_NETWORK, "cannot tell which TLS protocol the connection uses");
    snprintf(connection->tls, sizeof(connection->tls), "%s", version);
    ldap_memfree(version);
    if (strcmp(connection->tls, "TLS1.2") != 0 && strcmp(connection->tls, "TLS1.3") != 0 &&
        strcmp(connection->tls, "TLSv1.2") != 0 && strcmp(connection->tls, "TLSv1.3") != 0)
        return error_set(err, ERROR_NETWORK, "the server speaks only %s; TLS 1.2 or newer is required: update it",
                         connection->tls);
    return true;
}

static bool connect_safely(struct connection *connection, const struct directory_settings *settings,
                           struct error *err) {
    const struct directory_uri *uri = &connection->uri;
    bool tls = connection_wants_tls(settings, uri);

    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    if (!connect_socket(connection, err))
        return false;
    if (tls && !uri->tls && !start_tls(connection, err))
        return false;
    return !tls || note_tls(connection, err);
}

/* Is it the only server that there is to ask? */
static bool is_only_one(const struct directory_settings *settings, const char *text) {
    return !settings->domain && settings->uris.count == 1 && strcmp(settings->uris.items[0], text) == 0;
}

static bool prepare(const struct directory_settings *settings, const char *text, bool verify,
                    struct connection **ret_connection, struct error *err) {
    struct connection *connection = calloc(1, sizeof(*connection));

    if (!connection)
        return error_memory(err);
    connection->timeout = settings->timeout > 0 ? settings->timeout : 10;
    connection->patience = connection->timeout;
    if (connection->patience > PATIENCE && !is_only_one(settings, text))
        connection->patience = PATIENCE;
    if (!directory_uri_parse(text, &connection->uri, err))
        goto out;
    connection->loopback = connection->uri.local;
    if (!connection->uri.tls && !connection->uri.local && settings->tls == DIRECTORY_TLS_LDAPS) {
        error_set(err, ERROR_CONFIG,
                  "it asks for an unencrypted connection while tls = ldaps: write ldaps://, or set "
                  "tls = starttls");
        goto out;
    }
    if (!options_apply(connection, settings, verify, err))
        goto out;
    *ret_connection = connection;
    return true;
out:
    connection_close(connection);
    return false;
}

bool dial_server(const struct directory_settings *settings, const char *uri, bool verify,
                 struct connection **ret_connection, bool *ret_distrusted, struct error *err) {
    struct connection *connection = NULL;

    *ret_distrusted = false;
    if (!prepare(settings, uri, verify, &connection, err))
        return false;
    if (!connect_safely(connection, settings, err)) {
        *ret_distrusted = connection->reached && connection_wants_tls(settings, &connection->uri) &&
                          !connection->encrypted && !connection->guard.flooded && !guard_past(&connection->guard);
        connection_close(connection);
        return false;
    }
    *ret_connection = connection;
    return true;
}
