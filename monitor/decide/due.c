#include "monitor/decide/due.h"

int due_threshold(const struct policy *policy, int64_t left) {
    int crossed = 0;

    for (size_t i = 0; i < policy->warn_count; i++)
        if (left <= policy->warn_days[i] * (int64_t)SECONDS_PER_DAY)
            crossed = policy->warn_days[i];
    return crossed;
}

static void add(struct decision *decision, enum due_what what, time_t at) {
    size_t place = decision->due_count++;

    while (place > 0 && decision->due[place - 1].at > at) {
        decision->due[place] = decision->due[place - 1];
        place--;
    }
    decision->due[place] = (struct due){.what = what, .at = at};
}

/* The next threshold ahead, and from the last one on every UTC date. */
static time_t next_warning(const struct policy *policy, time_t end, time_t now) {
    for (size_t i = 0; i < policy->warn_count; i++) {
        time_t at = end - policy->warn_days[i] * (time_t)SECONDS_PER_DAY;

        if (at > now)
            return at;
    }
    return (time_t)(time_utc_date(now) + 1) * SECONDS_PER_DAY;
}

/* Another promotion replaces previous before it is cleared; what is overdue is cleared all the same. */
static void add_retire(const struct view *view, time_t activation, struct decision *decision) {
    time_t at = view->promoted_at + view->policy->retire_after;

    if (view->previous != SLOT_EMPTY && view->promoted_at != 0 &&
        (at <= view->now || activation == 0 || at < activation))
        add(decision, DUE_RETIRE, at);
}

void due_list(const struct view *view, time_t activation, struct decision *decision) {
    const struct certificate *current = view->current_certificate;
    bool emergency = decision->row == ROW_PROMOTE || decision->row == ROW_RESTORE || decision->row == ROW_REPLACE;
    bool withdrawn = decision->act == ACT_WITHDRAW && decision->blocked == BLOCK_NONE;

    if (!view->facts->read || facts_used(view->facts) == ANSWER_NO)
        return;
    if (current != NULL) {
        add(decision, DUE_EXPIRE, current->not_after);
        if (!decision->covered)
            add(decision, DUE_WARN, next_warning(view->policy, current->not_after, view->now));
    }
    /* Beside a current that is over nothing waits for its date: what can be done is done now. Exchange alone goes by
     * the date of a next that nobody knows. */
    if (view->facts->slots.malformed != 0 || emergency)
        return;
    if (activation != 0)
        add(decision, DUE_ACTIVATE, activation);
    if (view->current != SLOT_USABLE)
        return;
    if (view->next == SLOT_EMPTY || withdrawn)
        add(decision, DUE_STAGE, current->not_after - view->policy->renew_before);
    add_retire(view, activation, decision);
}
