/*
 * Since when: the instants of the last promotion and of the last change, out of what the directory and the history say.
 * Pure.
 */
#ifndef MONITOR_DECIDE_PROMOTED_H
#define MONITOR_DECIDE_PROMOTED_H

#include "core/facts.h"
#include "monitor/state/history.h"

#include <time.h>

/* When current became current: the earliest of what the directory and the history say, each of which errs only late.
 * 0 when nothing says. */
time_t promoted_at(const struct facts *facts, const struct history *history);

/* When the thumbprint attribute last changed, whatever changed in it; never before the history saw it otherwise. Where
 * the directory does not say, when current became current. 0 when nothing says. */
time_t promoted_changed_at(const struct facts *facts, const struct history *history);

/* When current became current, where it is certain that this is what changed the slots last; else 0. */
time_t promoted_surely_at(const struct facts *facts, const struct history *history);

#endif
