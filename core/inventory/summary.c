#include "core/inventory/summary.h"

#include "base/time.h"

size_t summary_count(const struct inventory *inventory, enum finding_severity severity) {
    size_t count = 0;

    for (size_t i = 0; i < inventory->finding_count; i++)
        count += inventory->findings[i].severity == severity ? 1 : 0;
    return count;
}

size_t summary_places(const struct inventory *inventory) {
    size_t count = 0;

    for (size_t i = 0; i < inventory->place_count; i++)
        count += place_shown(inventory, &inventory->places[i]) != NULL ? 1 : 0;
    return count;
}

void summary_add(struct text *out, const struct inventory *inventory, time_t now) {
    const struct shown *nearest = NULL;
    time_t end = inventory_nearest_end(inventory, &nearest);
    size_t findings = inventory->finding_count - summary_count(inventory, FINDING_REMARK);
    int64_t days = time_days_left(end, now);

    if (!inventory->read) {
        text_format(out, "the other certificates could not be looked at: %s", inventory->unreadable.text);
        return;
    }
    if (findings == 0)
        text_add(out, "no findings");
    else
        text_format(out, "%zu finding%s", findings, findings == 1 ? "" : "s");
    if (nearest == NULL)
        text_add(out, "; no certificate was seen");
    else if (days >= 0)
        text_format(out, "; the nearest end is in %lld day%s: %s", (long long)days, days == 1 ? "" : "s",
                    nearest->label);
    else
        text_format(out, "; one has ended %lld day%s ago: %s", (long long)-days, days == -1 ? "" : "s", nearest->label);
}
