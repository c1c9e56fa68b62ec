#include "ldap/connect/open.h"

#include "ldap/connect/bind.h"
#include "ldap/connect/dial.h"
#include "ldap/connect/peer.h"
#include "ldap/connect/tls_reason.h"

bool open_server(const struct directory_settings *settings, const char *uri, time_t now,
                 struct connection **ret_connection, struct error *err) {
    struct connection *connection = NULL;
    bool distrusted = false;

    if (!bind_allowed(settings, uri, err))
        return false;
    if (!dial_server(settings, uri, true, &connection, &distrusted, err)) {
        if (distrusted)
            tls_reason_explain(settings, uri, now, err);
        return false;
    }
    guard_allow(&connection->guard, connection->timeout, GUARD_BYTES);
    if (!peer_check(connection, err) || !bind_account(connection, settings, err)) {
        connection_close(connection);
        return false;
    }
    *ret_connection = connection;
    return true;
}
