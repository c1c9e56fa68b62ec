/*
 * The decision in words: the summary, the reasons, how to unblock, and the problems of each certificate. Judges
 * nothing; every word follows from facts and decision. Commands named in the text contain only thumbprints, dates and
 * validated host names.
 */
#ifndef MONITOR_DECIDE_EXPLAIN_H
#define MONITOR_DECIDE_EXPLAIN_H

#include "base/error.h"
#include "core/report.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <time.h>

/* Makes the report of one look: decides, and puts the decision into words. Borrows facts and policy for the life of the
 * report. LOCAL error when out of memory; ret_report is then empty and need not be freed. */
bool explain_report(const struct facts *facts, const struct history *history, const struct policy *policy, time_t now,
                    struct report *ret_report, struct error *err) MUST_CHECK;

#endif
