#include "monitor/decide/view.h"

#include "monitor/decide/decide.h"

static time_t earlier(time_t a, time_t b) {
    if (a == 0 || b == 0)
        return a == 0 ? b : a;
    return a < b ? a : b;
}

static bool is_same_pair(const struct facts *facts, const struct history *history) {
    return strcmp(history->pair_current, facts->slots.thumbprint[SLOT_CURRENT]) == 0 &&
           strcmp(history->pair_previous, facts->slots.thumbprint[SLOT_PREVIOUS]) == 0;
}

/* A directory that does not keep its times cannot say that it was before a look which saw another pair. */
static time_t not_before_proved(time_t at, const struct facts *facts, const struct history *history) {
    time_t proved = is_same_pair(facts, history) ? history->pair_after : history->pair_seen;

    return at != 0 && at < proved ? proved : at;
}

time_t decide_promoted_at(const struct facts *facts, const struct history *history) {
    time_t promoted = earlier(facts->attribute_changed, facts->object_changed);

    if (history == NULL || history->pair_since == 0)
        return promoted;
    if (is_same_pair(facts, history))
        promoted = earlier(promoted, history->pair_since);
    return not_before_proved(promoted, facts, history);
}

time_t decide_changed_at(const struct facts *facts, const struct history *history) {
    time_t changed = earlier(facts->attribute_changed, facts->object_changed);

    if (changed == 0)
        return decide_promoted_at(facts, history);
    if (history == NULL || history->pair_since == 0)
        return changed;
    return not_before_proved(changed, facts, history);
}

struct view view_of(const struct facts *facts, const struct history *history, const struct policy *policy, time_t now) {
    struct view view = {.facts = facts, .history = history, .policy = policy, .now = now};

    if (!facts->read)
        return view;
    view.current_certificate = facts->slot[SLOT_CURRENT].certificate;
    view.next_certificate = facts->slot[SLOT_NEXT].certificate;
    view.current = facts_slot_state(facts, SLOT_CURRENT, now);
    view.previous = facts_slot_state(facts, SLOT_PREVIOUS, now);
    view.next = facts_slot_state(facts, SLOT_NEXT, now);
    view.date_known = facts->slots.date_set && !(facts->slots.malformed & MALFORMED_DATE);
    view.date = facts->slots.date;
    view.next_at_date = facts_slot_state(facts, SLOT_NEXT, view.date_known && view.date > now ? view.date : now);
    if (view.current_certificate != NULL)
        view.current_left = view.current_certificate->not_after - now;
    view.next_ends_later = view.current_certificate != NULL && view.next_certificate != NULL &&
                           view.next_certificate->not_after > view.current_certificate->not_after;
    view.promoted_at = decide_promoted_at(facts, history);
    return view;
}
