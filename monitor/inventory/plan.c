#include "monitor/inventory/plan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HTTPS_PORT 443
#define SMTP_PORT 25
#define SUBMISSION_PORT 587
#define IMAP_PORT 993
#define POP_PORT 995
#define EDGESYNC_PORT 50636

/* Of a server: "ex1.contoso.test:443". */
static bool add_port(struct inventory *inventory, enum place_kind kind, const char *server, int port, const char *sni,
                     struct error *err) {
    struct place *place = inventory_add_place(inventory, kind, err);
    struct text name = {0};

    if (place == NULL)
        return false;
    text_format(&name, "%s:%d", server, port);
    place->name = text_take(&name);
    place->server = strdup(server);
    place->host = strdup(server);
    place->sni = strdup(sni != NULL ? sni : server);
    place->port = port;
    return (place->name != NULL && place->server != NULL && place->host != NULL && place->sni != NULL) ||
           error_memory(err);
}

/* Is an enabled connector of this server bound to the port? */
static bool is_bound(const struct inventory *inventory, const char *server, int port) {
    for (size_t i = 0; i < inventory->connector_count; i++) {
        const struct connector *connector = &inventory->connectors[i];

        if (connector->kind != CONNECTOR_RECEIVE || !connector->enabled || connector->server == NULL ||
            strcasecmp(connector->server, server) != 0)
            continue;
        for (size_t j = 0; j < sizeof(connector->ports) / sizeof(connector->ports[0]); j++)
            if (connector->ports[j] == port)
                return true;
    }
    return false;
}

static bool add_server(const struct inventory_settings *settings, struct inventory *inventory, const char *fqdn,
                       struct error *err) {
    return add_port(inventory, PLACE_HTTPS, fqdn, HTTPS_PORT, settings->tls_name, err) &&
           (!is_bound(inventory, fqdn, SMTP_PORT) || add_port(inventory, PLACE_SMTP, fqdn, SMTP_PORT, NULL, err)) &&
           (!is_bound(inventory, fqdn, SUBMISSION_PORT) ||
            add_port(inventory, PLACE_SMTP, fqdn, SUBMISSION_PORT, NULL, err)) &&
           add_port(inventory, PLACE_IMAP, fqdn, IMAP_PORT, NULL, err) &&
           add_port(inventory, PLACE_POP, fqdn, POP_PORT, NULL, err);
}

/* The connectors of an Edge server are in its own directory: mail comes in at port 25. */
static bool add_edge(struct inventory *inventory, const char *fqdn, struct error *err) {
    return add_port(inventory, PLACE_SMTP, fqdn, SMTP_PORT, NULL, err) &&
           add_port(inventory, PLACE_EDGESYNC, fqdn, EDGESYNC_PORT, NULL, err);
}

/* A name that is a server's own is asked there already, unless that port is asked for another name. */
static bool is_asked(const struct inventory_settings *settings, const struct inventory *inventory,
                     const struct client_name *name) {
    const struct inventory_server *server = inventory_server_of(inventory, name->host);
    bool by_own =
        name->port != HTTPS_PORT || settings->tls_name == NULL || strcasecmp(settings->tls_name, name->host) == 0;

    return server != NULL && server->counted && by_own;
}

static bool add_name(struct inventory *inventory, const struct client_name *client, struct error *err) {
    struct place *place = inventory_add_place(inventory, PLACE_NAME, err);
    struct text name = {0};

    if (place == NULL)
        return false;
    text_add(&name, client->host);
    if (client->port != HTTPS_PORT)
        text_format(&name, ":%d", client->port);
    place->name = text_take(&name);
    place->host = strdup(client->host);
    place->sni = strdup(client->host);
    place->port = client->port;
    return (place->name != NULL && place->host != NULL && place->sni != NULL) || error_memory(err);
}

/* An entry may stand in quotes. */
static bool is_entry(const char *entry, const char *name) {
    size_t length = strlen(entry);

    if (length >= 2 && entry[0] == '"' && entry[length - 1] == '"') {
        entry++;
        length -= 2;
    }
    return strlen(name) == length && strncasecmp(entry, name, length) == 0;
}

static bool is_ignored(const struct inventory_settings *settings, const char *name) {
    for (size_t i = 0; name != NULL && i < settings->ignore.count; i++)
        if (is_entry(settings->ignore.items[i], name))
            return true;
    return false;
}

static void ignore(const struct inventory_settings *settings, struct inventory *inventory) {
    for (size_t i = inventory->place_count; i > 0; i--) {
        const struct place *place = &inventory->places[i - 1];

        if (is_ignored(settings, place->name) || is_ignored(settings, place->host) ||
            is_ignored(settings, place->server))
            inventory_drop_place(inventory, i - 1);
    }
    for (size_t i = 0; i < inventory->connector_count; i++)
        if (is_ignored(settings, inventory->connectors[i].name))
            inventory->connectors[i].enabled = false;
}

bool plan_make(const struct inventory_settings *settings, struct inventory *inventory, struct error *err) {
    const struct name_use configured = {.kind = USE_CONFIGURED};
    bool ok = true;

    for (size_t i = 0; ok && i < inventory->server_count; i++) {
        const struct inventory_server *server = &inventory->servers[i];

        if (inventory_server_of(inventory, server->fqdn) != server)
            continue; /* left over from an earlier installation */
        if (server->counted)
            ok = add_server(settings, inventory, server->fqdn, err);
        else if (server->edge)
            ok = add_edge(inventory, server->fqdn, err);
    }
    for (size_t i = 0; ok && i < settings->names.count; i++)
        ok = inventory_note_name(inventory, settings->names.items[i], HTTPS_PORT, &configured, err);
    for (size_t i = 0; ok && i < inventory->name_count; i++)
        if (!is_asked(settings, inventory, &inventory->names[i]))
            ok = add_name(inventory, &inventory->names[i], err);
    if (ok)
        ignore(settings, inventory);
    return ok;
}
