#include "monitor/decide/promoted.h"

#include <string.h>

static time_t earlier(time_t a, time_t b) {
    if (a == 0 || b == 0)
        return a == 0 ? b : a;
    return a < b ? a : b;
}

/* A directory that does not keep its times cannot say that it was before a look which saw another pair. */
static time_t not_before_proved(time_t at, const struct facts *facts, const struct history *history) {
    time_t proved = pair_is(&history->pair, &facts->slots) ? history->pair.after : history->pair.seen;

    return at != 0 && at < proved ? proved : at;
}

time_t promoted_at(const struct facts *facts, const struct history *history) {
    time_t promoted = earlier(facts->attribute_changed, facts->object_changed);

    if (history == NULL || history->pair.since == 0)
        return promoted;
    if (pair_is(&history->pair, &facts->slots))
        promoted = earlier(promoted, history->pair.since);
    return not_before_proved(promoted, facts, history);
}

time_t promoted_changed_at(const struct facts *facts, const struct history *history) {
    time_t changed = earlier(facts->attribute_changed, facts->object_changed);

    if (changed == 0)
        return promoted_at(facts, history);
    if (history == NULL || history->pair.since == 0)
        return changed;
    return not_before_proved(changed, facts, history);
}

time_t promoted_surely_at(const struct facts *facts, const struct history *history) {
    const char *current = facts->slots.thumbprint[SLOT_CURRENT];
    bool other_before;

    if (history == NULL || history->pair.since == 0)
        return 0;
    other_before = strcmp(history->pair.current, current) != 0 ||
                   (history->pair.after != 0 && facts->slots.thumbprint[SLOT_PREVIOUS][0] != '\0');
    return other_before ? promoted_at(facts, history) : 0;
}
