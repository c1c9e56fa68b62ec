#include "monitor/ports/inventory.h"

#include <string.h>

#include "core/inventory/inventory.h"
#include "ldap/places/places.h"
#include "monitor/inventory/plan.h"
#include "monitor/inventory/roots.h"
#include "probe/ports/ask.h"
#include "probe/ports/resolve.h"

/* What the directory says, and which ports that makes. */
static bool read_all(const struct inventory_port_context *port, const struct facts *facts, struct inventory *inventory,
                     struct error *err) {
    if (!facts->read) {
        if (err != NULL)
            *err = facts->unreadable;
        return false;
    }
    inventory->organization = strdup(facts->organization != NULL ? facts->organization : "");
    return (inventory->organization != NULL || error_memory(err)) &&
           places_read(&port->config->directory, facts, port->now, inventory, err) &&
           plan_make(&port->config->inventory, inventory, err);
}

static bool ask_all(const struct inventory_port_context *port, bool old_tls, struct inventory *inventory,
                    struct error *err) {
    const struct probe_settings *probe = &port->config->probe;
    const struct ask_settings ask = {.timeout = probe->timeout, .parallel = probe->parallel};
    struct roots *roots = NULL;
    bool ok = resolve_places(inventory, err) && ask_places(&ask, inventory, err);

    for (int version = 0; ok && old_tls && version < 2; version++)
        ok = ask_old_tls(&ask, version, inventory, err);
    ok = ok && roots_open(ROOTS_PUBLIC_FOLDER, probe->ca_file, &roots, err) && roots_judge(roots, inventory, err);
    roots_close(roots);
    return ok;
}

static void finish(const struct inventory_port_context *port, bool ok, const struct error *why,
                   struct inventory *inventory, struct inventory *ret_inventory) {
    if (!ok) {
        inventory_free(inventory);
        inventory->unreadable = *why;
    }
    inventory->read = ok;
    inventory->seen_at = port->now;
    *ret_inventory = *inventory;
}

void inventory_port_look(void *context, const struct facts *facts, bool old_tls, struct inventory *ret_inventory) {
    const struct inventory_port_context *port = context;
    struct inventory inventory = {0};
    struct error why = {0};
    bool ok = read_all(port, facts, &inventory, &why) && ask_all(port, old_tls, &inventory, &why);

    finish(port, ok, &why, &inventory, ret_inventory);
}

void inventory_port_read(struct inventory_port_context *context, const struct facts *facts,
                         struct inventory *ret_inventory) {
    struct inventory inventory = {0};
    struct error why = {0};
    bool ok = read_all(context, facts, &inventory, &why);

    finish(context, ok, &why, &inventory, ret_inventory);
}

struct inventory_port inventory_port_of(struct inventory_port_context *context, const struct config *config,
                                        time_t now) {
    *context = (struct inventory_port_context){.config = config, .now = now};
    return (struct inventory_port){.context = context, .look = config->inventory.watch ? inventory_port_look : NULL};
}
