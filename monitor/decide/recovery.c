#include "monitor/decide/recovery.h"

#include <string.h>

#include "renew/plan.h"

bool recovery_is_needed(const struct facts *facts, time_t now) {
    return facts->slots.malformed != 0 || facts_slot_state(facts, SLOT_CURRENT, now) != SLOT_USABLE;
}

void recovery_choose(const struct facts *facts, struct certificate *const *others, size_t count, time_t now,
                     char ret_thumbprint[THUMBPRINT_SIZE]) {
    static const enum slot order[] = {SLOT_NEXT, SLOT_CURRENT, SLOT_PREVIOUS};
    const struct certificate *best = NULL;

    ret_thumbprint[0] = '\0';
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        if (facts_slot_state(facts, order[i], now) == SLOT_USABLE &&
            (facts_held(facts, order[i]) != ANSWER_NO || facts->slot[order[i]].key_kept)) {
            memcpy(ret_thumbprint, facts->slots.thumbprint[order[i]], THUMBPRINT_SIZE);
            return;
        }
    for (size_t i = 0; i < count; i++)
        if (certificate_usable(others[i], now) && (best == NULL || others[i]->not_after > best->not_after))
            best = others[i];
    if (best != NULL)
        memcpy(ret_thumbprint, best->thumbprint, THUMBPRINT_SIZE);
}

struct desired recovery_desired(const struct facts *facts, const char *thumbprint, time_t now) {
    struct desired desired = plan_make_current(facts, thumbprint, now);

    if (facts->slots.malformed != 0) {
        desired.thumbprint[SLOT_NEXT][0] = '\0';
        desired.date = 0;
    }
    return desired;
}
