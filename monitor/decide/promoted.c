#include "monitor/decide/promoted.h"

#include <string.h>

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

time_t promoted_at(const struct facts *facts, const struct history *history) {
    time_t promoted = earlier(facts->attribute_changed, facts->object_changed);

    if (history == NULL || history->pair_since == 0)
        return promoted;
    if (is_same_pair(facts, history))
        promoted = earlier(promoted, history->pair_since);
    return not_before_proved(promoted, facts, history);
}

time_t promoted_changed_at(const struct facts *facts, const struct history *history) {
    time_t changed = earlier(facts->attribute_changed, facts->object_changed);

    if (changed == 0)
        return promoted_at(facts, history);
    if (history == NULL || history->pair_since == 0)
        return changed;
    return not_before_proved(changed, facts, history);
}
