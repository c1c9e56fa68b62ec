#include "monitor/decide/recovery.h"

#include <string.h>

#include "renew/plan.h"

bool recovery_is_needed(const struct facts *facts, time_t now) {
    return facts->slots.malformed != 0 || facts_slot_state(facts, SLOT_CURRENT, now) != SLOT_USABLE ||
           facts_current_over(facts, now);
}

/* Where only the spelling of current is wrong, or the same is said twice, writing it right is all. */
static bool is_spelling_only(const struct facts *facts) {
    const struct slots *slots = &facts->slots;
    const unsigned spelling = MALFORMED_HIDDEN | (slots->repeated ? MALFORMED_TWO_VALUES : 0u);

    return slots->malformed != 0 && (slots->malformed & ~spelling) == 0 && !slots->hidden[SLOT_NEXT];
}

/* Will it do: for every server at once, or at the least for those that have begun it. */
static bool will_do(const struct certificate *certificate, bool everywhere, time_t now) {
    return certificate_usable(certificate, now) && !certificate_may_have_ended(certificate, now) &&
           (!everywhere || certificate_begun_everywhere(certificate, now));
}

static bool choose(const struct facts *facts, struct certificate *const *others, size_t count, bool everywhere,
                   time_t now, char ret_thumbprint[THUMBPRINT_SIZE]) {
    static const enum slot order[] = {SLOT_NEXT, SLOT_CURRENT, SLOT_PREVIOUS};
    const struct certificate *best = NULL;
    bool in_slot;

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && best == NULL; i++)
        if (facts_slot_state(facts, order[i], now) == SLOT_USABLE &&
            will_do(facts->slot[order[i]].certificate, everywhere, now) &&
            (facts_held(facts, order[i]) != ANSWER_NO || facts->slot[order[i]].key_kept))
            best = facts->slot[order[i]].certificate;
    in_slot = best != NULL;
    for (size_t i = 0; !in_slot && i < count; i++)
        if (will_do(others[i], everywhere, now) && (best == NULL || others[i]->not_after > best->not_after))
            best = others[i];
    if (best == NULL)
        return false;
    memcpy(ret_thumbprint, best->thumbprint, THUMBPRINT_SIZE);
    return true;
}

void recovery_choose(const struct facts *facts, struct certificate *const *others, size_t count, time_t now,
                     char ret_thumbprint[THUMBPRINT_SIZE]) {
    ret_thumbprint[0] = '\0';
    if (is_spelling_only(facts) && facts_slot_state(facts, SLOT_CURRENT, now) == SLOT_USABLE &&
        !facts_current_over(facts, now))
        memcpy(ret_thumbprint, facts->slots.thumbprint[SLOT_CURRENT], THUMBPRINT_SIZE);
    else if (!choose(facts, others, count, true, now, ret_thumbprint))
        (void)choose(facts, others, count, false, now, ret_thumbprint);
}

struct desired recovery_desired(const struct facts *facts, const char *thumbprint, time_t now) {
    struct desired desired = plan_make_current(facts, thumbprint, now);

    if (facts->slots.malformed != 0 && !is_spelling_only(facts)) {
        desired.thumbprint[SLOT_NEXT][0] = '\0';
        desired.date = 0;
    }
    return desired;
}
