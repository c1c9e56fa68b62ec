/*
 * One look within a run, and every further one: facts of the directory, the kept certificates and keys and the
 * deliveries, and the report about them. What was done and told before stays in the report.
 */
#ifndef MONITOR_LOOK_LOOK_H
#define MONITOR_LOOK_LOOK_H

#include "base/error.h"
#include "monitor/look/looker.h"

#include <stdbool.h>

/* Looks. An organization other than the history's is unreadable (facts->unreadable.kind is CONFIG). False only when out
 * of memory; facts and report are then empty. */
bool look_round(struct looker *looker, struct error *err) MUST_CHECK;

/* Refuses facts of another organization than the history's: they become unreadable with the reason. */
bool look_same_organization(const struct history *history, struct facts *facts);

#endif
