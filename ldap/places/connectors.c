#include "ldap/places/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/places/attributes.h"
#include "ldap/read/names.h"

#define SEND_CLOUD 0x20000L                          /* CloudServicesMailEnabled */
#define SEND_TLS_LEVEL(flags) (((flags)&0xFF0) >> 4) /* TlsAuthLevel */
#define RECEIVE_TLS 1L                               /* of AuthMechanism */
#define RECEIVE_FLAGS_UNSET 29L                      /* Tls, BasicAuth, BasicAuthRequireTLS, ExchangeServer */
#define CLOUD_CAPABILITY "AcceptCloudServicesMail"
#define NAME_MOST 4096 /* bytes of `<I>issuer<S>subject` */
#define HOST_MOST 256
#define SOURCES_MOST 256

static bool is_enabled(const struct entry *entry, const char *attribute) {
    return !values_contain(entry_values(entry, attribute), "FALSE");
}

/* A host name that an attribute holds; NULL in the place of anything else. */
static bool take_host(const struct entry *entry, const char *attribute, char **ret_host, struct error *err) {
    char *host = NULL;

    if (!entry_text(entry, attribute, HOST_MOST, &host, err))
        return false;
    if (host != NULL && !text_is_host_name(host)) {
        free(host);
        host = NULL;
    }
    *ret_host = host;
    return true;
}

/* "0.0.0.0:25", "[::]:587": the port alone matters, each once. */
static void take_ports(const struct entry *entry, struct connector *connector) {
    BerVarray values = entry_values(entry, PLACES_BINDINGS);
    const size_t most = sizeof(connector->ports) / sizeof(connector->ports[0]);
    size_t count = 0;

    for (size_t i = 0; values != NULL && values[i].bv_val != NULL && count < most; i++) {
        const char *colon = memrchr(values[i].bv_val, ':', values[i].bv_len);
        int port = 0;
        bool known = false;

        for (const char *at = colon != NULL ? colon + 1 : NULL;
             at != NULL && at < values[i].bv_val + values[i].bv_len && *at >= '0' && *at <= '9' && port < 65536; at++)
            port = port * 10 + (*at - '0');
        for (size_t j = 0; j < count; j++)
            known = known || connector->ports[j] == port;
        if (port > 0 && port < 65536 && !known)
            connector->ports[count++] = port;
    }
}

/* The names of the servers that mail goes out of; who they are is looked up when all servers are known. */
static bool take_sources(const struct entry *entry, struct connector *connector, struct error *err) {
    BerVarray values = entry_values(entry, PLACES_SOURCES);

    for (size_t i = 0; values != NULL && values[i].bv_val != NULL && i < SOURCES_MOST; i++) {
        char *dn = values[i].bv_len <= NAME_DN_MOST ? strndup(values[i].bv_val, values[i].bv_len) : NULL;
        char *server = dn != NULL ? objects_server(dn) : NULL;

        if (server != NULL)
            strings_add(&connector->sources, "%s", server);
        free(server);
        free(dn);
    }
    return !connector->sources.failed || error_memory(err);
}

static bool take_send(const struct entry *entry, struct connector *connector, struct error *err) {
    long flags = 0;

    connector->enabled = is_enabled(entry, PLACES_SEND_ENABLED);
    if (entry_number(entry, PLACES_SEND_FLAGS, &flags)) {
        connector->cloud = (flags & SEND_CLOUD) != 0;
        connector->tls_level = (int)SEND_TLS_LEVEL(flags);
    }
    return take_host(entry, PLACES_SEND_FQDN, &connector->fqdn, err) && take_sources(entry, connector, err);
}

static bool has_capability(const struct entry *entry) {
    BerVarray values = entry_values(entry, PLACES_RECEIVE_DOMAINS);

    for (size_t i = 0; values != NULL && values[i].bv_val != NULL; i++)
        if (memmem(values[i].bv_val, values[i].bv_len, CLOUD_CAPABILITY, strlen(CLOUD_CAPABILITY)) != NULL)
            return true;
    return false;
}

static bool take_receive(const struct entry *entry, struct connector *connector, struct error *err) {
    long flags = RECEIVE_FLAGS_UNSET;

    connector->enabled = is_enabled(entry, PLACES_RECEIVE_ENABLED);
    if (!entry_number(entry, PLACES_RECEIVE_FLAGS, &flags))
        flags = RECEIVE_FLAGS_UNSET;
    connector->tls = (flags & RECEIVE_TLS) != 0;
    connector->cloud = has_capability(entry);
    take_ports(entry, connector);
    connector->server = objects_server(entry->dn);
    return take_host(entry, PLACES_RECEIVE_FQDN, &connector->fqdn, err);
}

/* As its commands call it: "EX1\Default Frontend EX1", or its name alone. */
static bool name_it(const struct entry *entry, struct connector *connector, struct error *err) {
    char *own = name_value(entry->dn, 0);
    struct text name = {0};

    if (connector->server != NULL)
        text_format(&name, "%s\\", connector->server);
    text_add(&name, own != NULL ? own : "(no name)");
    free(own);
    connector->name = text_take(&name);
    return connector->name != NULL || error_memory(err);
}

bool connectors_take(struct inventory *inventory, enum connector_kind kind, const struct entry *entry,
                     struct error *err) {
    struct connector *connector = inventory_add_connector(inventory, kind, err);
    const char *attribute = kind == CONNECTOR_HYBRID ? PLACES_HYBRID_NAME : PLACES_TLS_NAME;
    bool ok = connector != NULL;

    if (ok && kind == CONNECTOR_SEND)
        ok = take_send(entry, connector, err);
    else if (ok && kind == CONNECTOR_RECEIVE)
        ok = take_receive(entry, connector, err);
    else if (ok)
        connector->enabled = connector->cloud = true;
    return ok && name_it(entry, connector, err) &&
           entry_text(entry, attribute, NAME_MOST, &connector->certificate, err);
}
