#include "ldap/connect/connection.h"

#include <stdlib.h>

#define CA_FILE_SYSTEM "/etc/ssl/certs/ca-certificates.crt"

const char *connection_ca_file(const struct directory_settings *settings) {
    return settings->ca_file ? settings->ca_file : CA_FILE_SYSTEM;
}

int connection_outcome(const struct connection *connection, int code) {
    if (connection->guard.flooded)
        return LDAP_RESULTS_TOO_LARGE;
    return connection->guard.expired ? LDAP_TIMEOUT : code;
}

int connection_code(const struct connection *connection) {
    int code = LDAP_SERVER_DOWN;

    if (ldap_get_option(connection->handle, LDAP_OPT_RESULT_CODE, &code) != LDAP_OPT_SUCCESS || code == LDAP_SUCCESS)
        code = LDAP_SERVER_DOWN;
    return connection_outcome(connection, code);
}

void connection_close(struct connection *connection) {
    if (!connection)
        return;
    if (connection->handle)
        ldap_unbind_ext(connection->handle, NULL, NULL);
    free(connection);
}

bool connection_wants_tls(const struct directory_settings *settings, const struct directory_uri *uri) {
    return uri->tls || (!uri->local && settings->tls != DIRECTORY_TLS_OFF);
}
