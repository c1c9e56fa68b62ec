#include "ldap/connect/options.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "ldap/connect/trouble.h"

static bool is_loopback(const struct sockaddr *address) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof(v4));
        return ntohl(v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof(v6));
        return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
    }
    return address->sa_family == AF_UNIX;
}

/* libldap calls this when a socket is connected and nothing has been sent. */
static int on_connected(LDAP *handle, Sockbuf *buffer, LDAPURLDesc *server, struct sockaddr *address,
                        struct ldap_conncb *callbacks) {
    struct connection *connection = callbacks->lc_arg;
    ber_len_t most = OPTIONS_MESSAGE_MOST;

    (void)handle;
    (void)server;
    connection->reached = true;
    connection->loopback = address && is_loopback(address);
    if (ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most) != 1 ||
        !guard_install(&connection->guard, buffer))
        return -1;
    return 0;
}

/* Never called with a connection that still matters, but libldap calls it without asking whether it is there. */
static void on_closed(LDAP *handle, Sockbuf *buffer, struct ldap_conncb *callbacks) {
    (void)handle;
    (void)buffer;
    (void)callbacks;
}

static bool set(LDAP *handle, int option, const void *value, const char *name, struct error *err) {
    if (ldap_set_option(handle, option, value) == LDAP_OPT_SUCCESS)
        return true;
    return error_set(err, ERROR_BUG, "libldap refuses its option %s", name);
}

#define SET(option, value) set(handle, option, value, #option, err)

static bool set_basics(LDAP *handle, struct connection *connection, struct error *err) {
    const struct timeval limit = {.tv_sec = connection->timeout};
    const struct timeval patience = {.tv_sec = connection->patience};
    const int version = LDAP_VERSION3;

    return SET(LDAP_OPT_PROTOCOL_VERSION, &version) && SET(LDAP_OPT_REFERRALS, LDAP_OPT_OFF) &&
           SET(LDAP_OPT_DEREF, &(int){LDAP_DEREF_NEVER}) && SET(LDAP_OPT_RESTART, LDAP_OPT_OFF) &&
           SET(LDAP_OPT_NETWORK_TIMEOUT, &patience) && SET(LDAP_OPT_TIMEOUT, &limit) &&
           SET(LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON) && SET(LDAP_OPT_CONNECT_CB, &connection->callbacks);
}

/* NEWCTX comes last: it makes the TLS context from what was set before. */
static bool set_tls(LDAP *handle, const struct directory_settings *settings, bool verify, struct error *err) {
    const int require = verify ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER;
    const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const int client = 0;
    const char *ca_file = connection_ca_file(settings);

    if (verify && access(ca_file, R_OK) != 0)
        return error_errno(err, errno,
                           "cannot read the CA file %s, against which the directory's certificate is checked", ca_file);
    if (!SET(LDAP_OPT_X_TLS_REQUIRE_CERT, &require) || !SET(LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest))
        return false;
    if (verify && !SET(LDAP_OPT_X_TLS_CACERTFILE, ca_file))
        return false;
    if (ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &client) == LDAP_OPT_SUCCESS)
        return true;
    return error_set(err, ERROR_CONFIG, "cannot prepare TLS: the CA file %s holds no certificate that can be used",
                     ca_file);
}

bool options_apply(struct connection *connection, const struct directory_settings *settings, bool verify,
                   struct error *err) {
    int code;

    /* libldap reads the machine's configuration at its first use, unless told not to; and it loads every SASL plug-in
     * that is installed, which takes an eighth of a whole look, although none is used (ldap/connect/sasl.h). */
    if (setenv("LDAPNOINIT", "1", 1) != 0 || setenv("SASL_PATH", "/dev/null", 1) != 0)
        return error_errno(err, errno, "cannot set LDAPNOINIT and SASL_PATH for libldap");
    code = ldap_initialize(&connection->handle, connection->uri.text);
    if (code != LDAP_SUCCESS)
        return trouble_say(code, NULL, "prepare a connection", err);
    connection->callbacks.lc_add = on_connected;
    connection->callbacks.lc_del = on_closed;
    connection->callbacks.lc_arg = connection;
    return set_basics(connection->handle, connection, err) &&
           (!connection_wants_tls(settings, &connection->uri) || set_tls(connection->handle, settings, verify, err));
}
