/*
 * The run: look, decide, do that one act, look again; then tell and remember. It reaches the world through ports alone,
 * so it is tested without a directory and without a network. One idempotent pass; the timer is the loop.
 */
#ifndef MONITOR_RUN_RUN_H
#define MONITOR_RUN_RUN_H

#include "core/policy.h"
#include "core/ports.h"
#include "core/report.h"
#include "base/text.h"
#include "monitor/state/history.h"
#include "monitor/look/looker.h"

#include <stdbool.h>
#include <time.h>

/* Goes through one run. Fills facts (the caller's to free, after the report), the report about them and the history to
 * save; sentences for standard error go to `troubles`. The result is the exit status of `run`; with EXIT_USAGE the
 * state folder belongs to another organization and nothing may be saved. False only when out of memory. */
bool run_pass(const struct run_ports *ports, const struct policy *policy, time_t now, struct history *history,
              struct facts *ret_facts, struct report *ret_report, struct strings *troubles, int *ret_exit,
              struct error *err) MUST_CHECK;

#endif
