#include "ldap/connect/connection.h"

#include <stdlib.h>

#define CA_FILE_SYSTEM "/etc/ssl/certs/ca-certificates.crt"

const char *connection_ca_file(const struct directory_settings *settings) {
    return settings->ca_file ? settings->ca_file : CA_FILE_SYSTEM;
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
