#include "monitor/inventory/judge.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/inventory/parts.h"

/* The gravest first, then what comes first, then by place. */
static int compare(const void *one, const void *other) {
    const struct inventory_finding *first = one;
    const struct inventory_finding *second = other;

    if (first->severity != second->severity)
        return first->severity < second->severity ? 1 : -1;
    if (first->end != second->end)
        return first->end < second->end ? -1 : 1;
    if (first->id != second->id)
        return first->id < second->id ? -1 : 1;
    return strcmp(first->place != NULL ? first->place : "", second->place != NULL ? second->place : "");
}

bool inventory_judge(const struct inventory_settings *settings, const struct memory *memory, time_t now,
                     struct inventory *inventory, struct error *err) {
    struct judging judging = {.settings = settings, .memory = memory, .inventory = inventory, .now = now};
    bool ok;

    inventory_forget_findings(inventory);
    judging.told_older = calloc(inventory->place_count + 1, sizeof(*judging.told_older));
    ok = (judging.told_older != NULL || error_memory(err)) && judging_begin_names(&judging, err);
    ok = ok && judge_differences(&judging, err) && judge_certificates(&judging, err) && judge_names(&judging, err) &&
         judge_connectors(&judging, err) && judge_ports(&judging, err) && judge_directory(&judging, err) &&
         judge_upcoming(&judging, err);
    if (ok && inventory->finding_count > 1)
        qsort(inventory->findings, inventory->finding_count, sizeof(*inventory->findings), compare);
    judging_end_names(&judging);
    free(judging.told_older);
    return ok;
}
