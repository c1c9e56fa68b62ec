/*
 * The facts as the decision looks at them: the slots' states at the instant of judging, and the few values that several
 * rules share. Everything is borrowed from the facts; nothing to free.
 */
#ifndef MONITOR_DECIDE_VIEW_H
#define MONITOR_DECIDE_VIEW_H

#include "core/facts.h"
#include "core/policy.h"
#include "base/time.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

/* One nightly run and one pass of Exchange's own servicelet (every 12 h) both fit between a date and an end. */
#define EXCHANGE_NIGHT (36 * (int64_t)SECONDS_PER_HOUR)

struct view {
    const struct facts *facts;
    const struct history *history; /* NULL = never run */
    const struct policy *policy;
    time_t now;
    const struct certificate *current_certificate; /* NULL when not known */
    const struct certificate *next_certificate;
    enum slot_state current;
    enum slot_state previous;
    enum slot_state next;
    enum slot_state next_at_date; /* at its date, or now when that has passed */
    bool over;                    /* current cannot be used, or perhaps not on every server any more */
    int64_t current_left;         /* seconds until current ends; 0 when not known */
    bool next_ends_later;         /* than current; both known */
    bool date_known;
    time_t date;
    time_t promoted_at; /* 0 when not known */
};

struct view view_of(const struct facts *facts, const struct history *history, const struct policy *policy, time_t now);

#endif
