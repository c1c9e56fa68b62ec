/*
 * How grave the state is: fills covered, unblocked_remark and status of a decision whose row, act and block stand.
 * Pure.
 */
#ifndef MONITOR_DECIDE_SEVERITY_H
#define MONITOR_DECIDE_SEVERITY_H

#include "core/report.h"
#include "monitor/decide/view.h"

/* A certificate within this many days of its end without a rotation under control is critical. */
#define CRITICAL_DAYS 14

void severity_judge(const struct view *view, struct decision *decision);

#endif
