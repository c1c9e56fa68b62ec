/*
 * How far a recovery got, from the history's part of it and what this look shows. Pure.
 */
#ifndef MONITOR_DECIDE_INCIDENT_H
#define MONITOR_DECIDE_INCIDENT_H

#include "core/report.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <time.h>

/* The step, INCIDENT_NONE when no recovery is under way: none was begun, someone else ended it, or what was written has
 * had the time that Exchange needs. `history` may be NULL. */
enum incident_step incident_step_of(const struct facts *facts, const struct history *history, time_t now);

/* The same with the servers that are left; these may fail to be allocated, which shows in their list. */
struct incident_report incident_of(const struct facts *facts, const struct history *history, time_t now);

#endif
