/*
 * The part of `doctor` about key pairs on this host: whether they open, which are of no use any more, and whether they
 * can be sealed for recovery.
 */
#ifndef MONITOR_DOCTOR_KEYS_H
#define MONITOR_DOCTOR_KEYS_H

#include "core/facts.h"
#include "monitor/doctor/finding.h"

/* Whether the password opens what is kept in the state folder (-1 = none). */
void doctor_keys(struct doctor *doctor, int state);

/* The kept key pairs that nothing can need any more. */
void doctor_unused_keys(struct doctor *doctor, int state, const struct facts *facts);

/* Whether key pairs can be sealed to the recovery certificate. */
void doctor_recovery(struct doctor *doctor);

#endif
