#include "monitor/session/inventory.h"

#include <stdio.h>

#include "monitor/inventory/judge.h"
#include "monitor/inventory/roots.h"
#include "monitor/look/observe.h"
#include "monitor/ports/directory.h"
#include "monitor/ports/inventory.h"
#include "monitor/ports/shelf.h"
#include "monitor/session/answer.h"
#include "monitor/show/inventory/json.h"
#include "monitor/show/last_report.h"

/* A damaged memory is no reason not to look. */
static void recall(int state, struct memory *memory) {
    struct error err = {0};

    if (!memory_load(state, memory, &err)) {
        struct strings sentences = {0};

        strings_add(&sentences, "%s; it is judged without what earlier nights knew", err.text);
        answer_complain(&sentences);
        strings_free(&sentences);
    }
}

/* A look at the directory, and at the ports where `ports`. */
static bool look(const struct invocation *invocation, const struct config *config, bool ports,
                 struct inventory *ret_inventory, struct error *err) {
    struct look_port look = {.settings = &config->directory, .now = invocation->now};
    const struct directory_port directory = look_port_of(&look);
    struct inventory_port_context context = {.config = config, .now = invocation->now};
    struct inventory inventory = {0};
    struct facts facts = {0};
    bool ok;

    progress_begin(&invocation->progress, "looking at %s", directory.name != NULL ? directory.name : "the directory");
    directory.look(directory.context, &facts);
    progress_end(&invocation->progress);
    if (ports) {
        progress_begin(&invocation->progress, "looking at the certificates of all servers");
        inventory_port_look(&context, &facts, true, &inventory);
        progress_end(&invocation->progress);
    } else {
        inventory_port_read(&context, &facts, &inventory);
    }
    ok = inventory.read || error_set(err, inventory.unreadable.kind, "%s", inventory.unreadable.text);
    facts_free(&facts);
    look_port_end(&look);
    if (ok)
        *ret_inventory = inventory;
    else
        inventory_free(&inventory);
    return ok;
}

bool inventory_glance(const struct invocation *invocation, const struct config *config, int state,
                      struct memory *memory, struct inventory *ret_inventory, struct error *err) {
    recall(state, memory);
    if (!look(invocation, config, true, ret_inventory, err))
        return false;
    if (inventory_judge(&config->inventory, memory, invocation->now, ret_inventory, err))
        return true;
    inventory_free(ret_inventory);
    return false;
}

bool inventory_glance_with(const struct invocation *invocation, const struct config *config, const struct bytes *chain,
                           size_t count, struct inventory *ret_inventory, size_t *ret_shown, struct error *err) {
    struct roots *roots = NULL;
    bool ok;

    if (!look(invocation, config, true, ret_inventory, err))
        return false;
    ok = inventory_add_shown(ret_inventory, chain, count, ret_shown, err) &&
         roots_open(ROOTS_PUBLIC_FOLDER, config->probe.ca_file, &roots, err) && roots_judge(roots, ret_inventory, err);
    roots_close(roots);
    if (!ok)
        inventory_free(ret_inventory);
    return ok;
}

bool inventory_glance_names(const struct invocation *invocation, const struct config *config,
                            struct inventory *ret_inventory, struct error *err) {
    return look(invocation, config, false, ret_inventory, err);
}

bool inventory_glance_last(const struct invocation *invocation, int state, struct inventory *ret_inventory,
                           struct error *err) {
    struct inventory inventory = {0};
    struct error why = {0};
    time_t seen;

    if (state < 0 || !inventory_load_last(state, LAST_REPORT_NAME, &inventory, &seen, &why))
        return why.kind == ERROR_NONE ? last_report_missing(err) : error_set(err, why.kind, "%s", why.text);
    if (!last_report_fresh(seen, invocation->now, err)) {
        inventory_free(&inventory);
        return false;
    }
    *ret_inventory = inventory;
    return true;
}
