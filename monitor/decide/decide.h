/*
 * The decision: one pure, total function from facts, history, policy and the time to the one next act. No clock, no
 * I/O, no allocation. The rows and their conditions are the lifecycle table of docs/lifecycle.md.
 */
#ifndef MONITOR_DECIDE_DECIDE_H
#define MONITOR_DECIDE_DECIDE_H

#include "core/facts.h"
#include "core/policy.h"
#include "core/report.h"
#include "base/time.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <time.h>

/* `history` may be NULL (never run). Plain values out; nothing to free. */
struct decision decide(const struct facts *facts, const struct history *history, const struct policy *policy,
                       time_t now);

/* The next effective date for a new next certificate, given the end of current. */
time_t decide_date(time_t current_end, const struct policy *policy, time_t now);

/* Is it too early for another activation: less than 37 h since the last one, or not known how long while a previous
 * would be pushed out. */
bool decide_rests(const struct facts *facts, const struct history *history, time_t now);

#endif
