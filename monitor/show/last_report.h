/*
 * last.json: the report that the last run left, read back as facts, so that `check --last` judges what was seen then at
 * the time of now. Bytes of certificates are not in it; the caller finds them by thumbprint.
 */
#ifndef MONITOR_SHOW_LAST_REPORT_H
#define MONITOR_SHOW_LAST_REPORT_H

#include "base/error.h"
#include "core/facts.h"

#include <stdbool.h>
#include <time.h>

#define LAST_REPORT_NAME "last.json"
#define LAST_AGE_MOST (36 * 3600) /* seconds after which what was seen is no longer believed */

/* Reads it. False with ERROR_NONE when there is none. `ret_seen` is its checked_at. Facts have no certificates; the
 * sources are as they were. DATA for a damaged file. */
bool last_report_load(int state, struct facts *ret_facts, time_t *ret_seen, struct error *err) MUST_CHECK;

/* Is what was seen then still believed? LOCAL error that says why not, and what to look at. */
bool last_report_fresh(time_t seen, time_t now, struct error *err) MUST_CHECK;

/* LOCAL error: no run has left a report yet. Always returns false. */
bool last_report_missing(struct error *err);

#endif
