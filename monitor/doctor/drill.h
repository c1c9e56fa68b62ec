/*
 * The emergency gone through as if current had ended now, without any effect: whether recover could do all that it
 * would have to. Most of it is what doctor examines anyway; here it counts whatever the mode. What lacks is left in
 * doctor->lacking.
 */
#ifndef MONITOR_DOCTOR_DRILL_H
#define MONITOR_DOCTOR_DRILL_H

#include "core/facts.h"
#include "monitor/doctor/finding.h"
#include "monitor/state/history.h"

/* Parts that doctor examines in any case. `state`: the state folder, -1 = none. */
void drill_state(struct doctor *doctor, int state);
void drill_clock(struct doctor *doctor, const struct facts *facts, const struct history *history);
void drill_writer(struct doctor *doctor, const struct directory_facts *directory);

/* All of it, on facts that could be read. `missing`: why there is no password for the keys. Returns whether the account
 * is known to have the rights that writing takes. */
bool drill_all(struct doctor *doctor, const struct facts *facts, const struct history *history, int state,
               const struct strings *missing);

/* For doctor, beside what it has said already: only what an emergency asks for besides, without a word; */
void drill_beside(struct doctor *doctor, const struct facts *facts, const struct history *history);
/* then what this host has to give, and all in one line. */
void drill_on_host_beside(struct doctor *doctor, int state, const struct strings *missing);

#endif
