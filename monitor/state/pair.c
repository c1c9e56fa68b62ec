#include "monitor/state/pair.h"

#include <string.h>

bool pair_is(const struct pair *pair, const struct slots *slots) {
    return strcmp(pair->current, slots->thumbprint[SLOT_CURRENT]) == 0 &&
           strcmp(pair->previous, slots->thumbprint[SLOT_PREVIOUS]) == 0;
}

void pair_note(struct pair *pair, const struct slots *slots, time_t since, time_t now) {
    if (pair->since == 0 || !pair_is(pair, slots)) {
        pair->after = pair->since != 0 ? pair->seen : 0;
        memcpy(pair->current, slots->thumbprint[SLOT_CURRENT], THUMBPRINT_SIZE);
        memcpy(pair->previous, slots->thumbprint[SLOT_PREVIOUS], THUMBPRINT_SIZE);
        pair->since = since;
    } else if (since < pair->since) {
        pair->since = since;
    }
    if (pair->since < pair->after)
        pair->since = pair->after;
    pair->seen = now;
}
