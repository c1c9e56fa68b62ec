#include "core/inventory/inventory.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void free_server(struct inventory_server *server) {
    free(server->fqdn);
    free(server->name);
    free(server->version);
}

static void free_place(struct place *place) {
    free(place->name);
    free(place->server);
    free(place->host);
    free(place->sni);
    free(place->address);
    free(place->trouble);
}

static void free_connector(struct connector *connector) {
    free(connector->name);
    free(connector->server);
    strings_free(&connector->sources);
    free(connector->certificate);
    free(connector->fqdn);
}

static void free_use(struct name_use *use) {
    free(use->identity);
    free(use->path);
}

void inventory_forget_findings(struct inventory *inventory) {
    for (size_t i = 0; i < inventory->finding_count; i++) {
        struct inventory_finding *finding = &inventory->findings[i];

        free(finding->place);
        free(finding->about);
        free(finding->text);
        free(finding->then);
        strings_free(&finding->commands);
    }
    free(inventory->findings);
    inventory->findings = NULL;
    inventory->finding_count = 0;
}

void inventory_free(struct inventory *inventory) {
    inventory_forget_findings(inventory);
    inventory_forget_shown(inventory);
    for (size_t i = 0; i < inventory->server_count; i++)
        free_server(&inventory->servers[i]);
    for (size_t i = 0; i < inventory->place_count; i++)
        free_place(&inventory->places[i]);
    for (size_t i = 0; i < inventory->connector_count; i++)
        free_connector(&inventory->connectors[i]);
    for (size_t i = 0; i < inventory->name_count; i++) {
        free(inventory->names[i].host);
        for (size_t j = 0; j < inventory->names[i].use_count; j++)
            free_use(&inventory->names[i].uses[j]);
        free(inventory->names[i].uses);
    }
    for (size_t i = 0; i < inventory->root_count; i++)
        bytes_free(&inventory->roots[i]);
    free(inventory->servers);
    free(inventory->places);
    free(inventory->connectors);
    free(inventory->names);
    free(inventory->roots);
    free(inventory->organization);
    strings_free(&inventory->remarks);
    *inventory = (struct inventory){0};
}

/* Room for one more at the end of a list that doubles; NULL when there is none. */
static void *grow(void *list, size_t *count, size_t size, size_t most, const char *what, struct error *err) {
    void *grown = list;

    if (*count >= most) {
        error_set(err, ERROR_DATA, "the directory shows more than %zu %s, and reading was ended there", most, what);
        return NULL;
    }
    if ((*count & (*count - 1)) == 0)
        grown = reallocarray(list, *count > 0 ? *count * 2 : 1, size);
    if (grown == NULL)
        error_memory(err);
    return grown;
}

struct place *inventory_add_place(struct inventory *inventory, enum place_kind kind, struct error *err) {
    struct place *grown = grow(inventory->places, &inventory->place_count, sizeof(*grown), INVENTORY_PLACES_MOST,
                               "places where a certificate is used", err);

    if (grown == NULL)
        return NULL;
    inventory->places = grown;
    grown[inventory->place_count] = (struct place){.kind = kind, .shown = SHOWN_NONE};
    return &grown[inventory->place_count++];
}

void inventory_drop_place(struct inventory *inventory, size_t index) {
    free_place(&inventory->places[index]);
    inventory->place_count--;
    memmove(&inventory->places[index], &inventory->places[index + 1],
            (inventory->place_count - index) * sizeof(*inventory->places));
}

struct connector *inventory_add_connector(struct inventory *inventory, enum connector_kind kind, struct error *err) {
    struct connector *grown = grow(inventory->connectors, &inventory->connector_count, sizeof(*grown),
                                   INVENTORY_CONNECTORS_MOST, "connectors", err);

    if (grown == NULL)
        return NULL;
    inventory->connectors = grown;
    grown[inventory->connector_count] = (struct connector){.kind = kind, .finds = SHOWN_NONE};
    return &grown[inventory->connector_count++];
}

struct inventory_server *inventory_add_server(struct inventory *inventory, struct error *err) {
    struct inventory_server *grown = grow(inventory->servers, &inventory->server_count, sizeof(*grown),
                                          INVENTORY_PLACES_MOST, "Exchange servers", err);

    if (grown == NULL)
        return NULL;
    inventory->servers = grown;
    grown[inventory->server_count] = (struct inventory_server){0};
    return &grown[inventory->server_count++];
}

struct inventory_finding *inventory_add_finding(struct inventory *inventory, enum finding_id id,
                                                enum finding_severity severity, struct error *err) {
    struct inventory_finding *grown = grow(inventory->findings, &inventory->finding_count, sizeof(*grown),
                                           4 * (size_t)INVENTORY_PLACES_MOST, "findings", err);

    if (grown == NULL)
        return NULL;
    inventory->findings = grown;
    grown[inventory->finding_count] = (struct inventory_finding){.id = id, .severity = severity};
    return &grown[inventory->finding_count++];
}

static struct client_name *name_of(struct inventory *inventory, const char *host, int port, struct error *err) {
    struct client_name *grown;

    for (size_t i = 0; i < inventory->name_count; i++)
        if (inventory->names[i].port == port && strcasecmp(inventory->names[i].host, host) == 0)
            return &inventory->names[i];
    grown = grow(inventory->names, &inventory->name_count, sizeof(*grown), INVENTORY_NAMES_MOST,
                 "names that clients use", err);
    if (grown == NULL)
        return NULL;
    inventory->names = grown;
    grown[inventory->name_count] = (struct client_name){.host = strdup(host), .port = port};
    if (grown[inventory->name_count].host != NULL)
        return &grown[inventory->name_count++];
    error_memory(err);
    return NULL;
}

bool inventory_note_name(struct inventory *inventory, const char *host, int port, const struct name_use *use,
                         struct error *err) {
    struct name_use copy = {.kind = use->kind, .external = use->external};
    struct name_use *grown;
    struct client_name *name;

    if (!text_is_server_name(host))
        return true;
    name = name_of(inventory, host, port, err);
    if (name == NULL)
        return false;
    copy.identity = strdup(use->identity != NULL ? use->identity : "");
    copy.path = strdup(use->path != NULL ? use->path : "");
    grown = grow(name->uses, &name->use_count, sizeof(*grown), INVENTORY_PLACES_MOST, "uses of a name", err);
    if (copy.identity == NULL || copy.path == NULL || grown == NULL) {
        if (grown != NULL)
            name->uses = grown;
        free_use(&copy);
        return error_memory(err);
    }
    name->uses = grown;
    grown[name->use_count++] = copy;
    return true;
}

const struct shown *place_shown(const struct inventory *inventory, const struct place *place) {
    return place->state == PLACE_SHOWN && place->shown < inventory->shown_count ? &inventory->shown[place->shown]
                                                                                : NULL;
}

const struct inventory_server *inventory_server_of(const struct inventory *inventory, const char *fqdn) {
    for (size_t i = 0; fqdn != NULL && i < inventory->server_count; i++)
        if (strcasecmp(inventory->servers[i].fqdn, fqdn) == 0)
            return &inventory->servers[i];
    return NULL;
}

enum status inventory_status(const struct inventory *inventory) {
    static const enum status of[FINDING_SEVERITY_COUNT] = {[FINDING_REMARK] = STATUS_OK,
                                                           [FINDING_UNKNOWN_STATE] = STATUS_UNKNOWN,
                                                           [FINDING_WARNING] = STATUS_WARNING,
                                                           [FINDING_CRITICAL] = STATUS_CRITICAL};
    enum finding_severity worst = FINDING_REMARK;

    if (!inventory->read)
        return STATUS_UNKNOWN;
    for (size_t i = 0; i < inventory->finding_count; i++)
        if (inventory->findings[i].severity > worst)
            worst = inventory->findings[i].severity;
    return of[worst];
}

time_t inventory_nearest_end(const struct inventory *inventory, const struct shown **ret_shown) {
    const struct shown *nearest = NULL;

    for (size_t i = 0; i < inventory->place_count; i++) {
        const struct shown *shown = place_shown(inventory, &inventory->places[i]);

        if (shown != NULL && (nearest == NULL || shown->certificate->not_after < nearest->certificate->not_after))
            nearest = shown;
    }
    if (ret_shown != NULL)
        *ret_shown = nearest;
    return nearest != NULL ? nearest->certificate->not_after : 0;
}

const char *place_kind_name(enum place_kind kind) {
    static const char *const names[PLACE_KIND_COUNT] = {[PLACE_HTTPS] = "https",    [PLACE_SMTP] = "smtp",
                                                        [PLACE_IMAP] = "imap",      [PLACE_POP] = "pop",
                                                        [PLACE_NAME] = "name",      [PLACE_EDGESYNC] = "edgesync",
                                                        [PLACE_MX] = "mx",          [PLACE_TRANSPORT] = "transport",
                                                        [PLACE_EDGE] = "edge",      [PLACE_FEDERATION] = "federation",
                                                        [PLACE_PARTNER] = "partner"};

    return names[kind];
}

const char *place_state_name(enum place_state state) {
    static const char *const names[PLACE_STATE_COUNT] = {
        [PLACE_UNASKED] = "unasked",         [PLACE_SHOWN] = "shown",
        [PLACE_CLOSED] = "closed",           [PLACE_SILENT] = "silent",
        [PLACE_NO_STARTTLS] = "no-starttls", [PLACE_UNCLEAR] = "unclear"};

    return names[state];
}

const char *trust_name(enum trust trust) {
    static const char *const names[TRUST_COUNT] = {[TRUST_UNJUDGED] = "unjudged",
                                                   [TRUST_PUBLIC] = "public",
                                                   [TRUST_OWN] = "own",
                                                   [TRUST_ITSELF] = "itself",
                                                   [TRUST_NONE] = "unknown"};

    return names[trust];
}

const char *finding_id_name(enum finding_id id) {
    static const char *const names[FINDING_ID_COUNT] = {[FINDING_ENDS] = "ends",
                                                        [FINDING_CONNECTOR_END] = "connector-end",
                                                        [FINDING_CONNECTOR_UNSEEN] = "connector-unseen",
                                                        [FINDING_CONNECTOR_TWO] = "connector-two",
                                                        [FINDING_CONNECTOR_UNREAD] = "connector-unread",
                                                        [FINDING_DIFFERS] = "differs",
                                                        [FINDING_NAME] = "name",
                                                        [FINDING_TRUST] = "trust",
                                                        [FINDING_CHAIN] = "chain",
                                                        [FINDING_WEAK] = "weak",
                                                        [FINDING_TRANSPORT] = "transport",
                                                        [FINDING_EDGE] = "edge",
                                                        [FINDING_FEDERATION] = "federation",
                                                        [FINDING_PARTNER] = "partner",
                                                        [FINDING_NO_STARTTLS] = "no-starttls",
                                                        [FINDING_OLD_TLS] = "old-tls",
                                                        [FINDING_STS] = "sts",
                                                        [FINDING_DANE] = "dane",
                                                        [FINDING_NEW] = "new",
                                                        [FINDING_UNKNOWN] = "unknown"};

    return names[id];
}

const char *finding_severity_name(enum finding_severity one) {
    static const char *const names[FINDING_SEVERITY_COUNT] = {[FINDING_REMARK] = "remark",
                                                              [FINDING_UNKNOWN_STATE] = "unknown",
                                                              [FINDING_WARNING] = "warning",
                                                              [FINDING_CRITICAL] = "critical"};

    return names[one];
}
