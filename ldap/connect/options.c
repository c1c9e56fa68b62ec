#include "ldap/connect/options.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/anchors.h"
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

/* libldap takes PEM, and by a path alone: that of a copy in memory. */
static bool copy_anchors(const char *ca_file, int *ret_copy, struct error *err) {
    struct bytes pem = {0};
    int copy = -1;
    bool done;

    if (!anchors_read_pem(ca_file, &pem, err))
        return false;
    copy = memfd_create("ca_file", MFD_CLOEXEC);
    done = copy >= 0 && file_write_open(copy, pem.data, pem.length);
    if (!done)
        error_errno(err, errno, "cannot hold the CA file %s in memory", ca_file);
    bytes_free(&pem);
    if (done)
        *ret_copy = copy;
    else if (copy >= 0)
        close(copy);
    return done;
}

/* NEWCTX comes last: it makes the TLS context from what was set before. */
static bool set_tls_from(LDAP *handle, const char *ca_file, const char *place, bool verify, struct error *err) {
    const int require = verify ? LDAP_OPT_X_TLS_DEMAND : LDAP_OPT_X_TLS_NEVER;
    const int oldest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
    const int client = 0;

    if (!SET(LDAP_OPT_X_TLS_REQUIRE_CERT, &require) || !SET(LDAP_OPT_X_TLS_PROTOCOL_MIN, &oldest))
        return false;
    if (verify && !SET(LDAP_OPT_X_TLS_CACERTFILE, place))
        return false;
    if (ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &client) == LDAP_OPT_SUCCESS)
        return true;
    return error_set(err, ERROR_CONFIG,
                     "cannot prepare TLS: %s could not be read as certificates: it holds none that "
                     "can be used",
                     ca_file);
}

static bool set_tls(LDAP *handle, const struct directory_settings *settings, bool verify, struct error *err) {
    const char *ca_file = connection_ca_file(settings);
    char place[32];
    int copy = -1;
    bool done;

    if (!verify || !settings->ca_file) {
        if (verify && access(ca_file, R_OK) != 0)
            return error_errno(err, errno,
                               "cannot read the CA file %s, against which the directory's certificate is checked",
                               ca_file);
        return set_tls_from(handle, ca_file, ca_file, verify, err);
    }
    if (!copy_anchors(ca_file, &copy, err))
        return error_context(err, "cannot prepare TLS");
    snprintf(place, sizeof(place), "/proc/self/fd/%d", copy);
    done = set_tls_from(handle, ca_file, place, verify, err);
    close(copy);
    return done;
}

bool options_apply(struct connection *connection, const struct directory_settings *settings, bool verify,
                   struct error *err) {
    int code;

    /* libldap reads the machine's configuration at its first use, unless told not to; and it loads every SASL plug-in
     * that is installed, which takes an eighth of a whole look, although none is used (ldap/connect/sasl.h). It looks
     * for them in a folder where there are none: where there is no folder, it writes so to the system's log every time.
     */
    if (setenv("LDAPNOINIT", "1", 1) != 0 || setenv("SASL_PATH", "/", 1) != 0)
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
