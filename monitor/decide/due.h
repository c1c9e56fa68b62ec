/*
 * What comes next and when: the dated list of a decision, earliest first. Dates in the past are what is overdue. Pure.
 */
#ifndef MONITOR_DECIDE_DUE_H
#define MONITOR_DECIDE_DUE_H

#include "core/report.h"
#include "monitor/decide/view.h"

/* `activation`: when next becomes current, 0 when it does not. */
void due_list(const struct view *view, time_t activation, struct decision *decision);

/* The smallest threshold (in days) that `left` seconds have crossed, 0 when none. A threshold of N days is crossed when
 * left <= N x 86,400. */
int due_threshold(const struct policy *policy, int64_t left);

#endif
