#include "monitor/decide/view.h"

#include "monitor/decide/promoted.h"

struct view view_of(const struct facts *facts, const struct history *history, const struct policy *policy, time_t now) {
    struct view view = {.facts = facts, .history = history, .policy = policy, .now = now};

    if (!facts->read)
        return view;
    view.current_certificate = facts->slot[SLOT_CURRENT].certificate;
    view.next_certificate = facts->slot[SLOT_NEXT].certificate;
    view.current = facts_slot_state(facts, SLOT_CURRENT, now);
    view.previous = facts_slot_state(facts, SLOT_PREVIOUS, now);
    view.next = facts_slot_state(facts, SLOT_NEXT, now);
    view.date_known = facts->slots.date_readable && facts->slots.thumbprint[SLOT_NEXT][0] != '\0';
    view.date = facts->slots.date;
    view.next_at_date = facts_slot_state(facts, SLOT_NEXT, view.date_known && view.date > now ? view.date : now);
    view.over = facts_current_over(facts, now);
    if (view.current_certificate != NULL)
        view.current_left = view.current_certificate->not_after - now;
    view.next_ends_later = view.current_certificate != NULL && view.next_certificate != NULL &&
                           view.next_certificate->not_after > view.current_certificate->not_after;
    view.promoted_at = promoted_at(facts, history);
    return view;
}
