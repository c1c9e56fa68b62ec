/*
 * The part of `doctor` about Entra: each tenant is asked with a key that it must accept and with one that it must not,
 * so that an answer of the nightly run is worth something.
 */
#ifndef MONITOR_DOCTOR_ENTRA_H
#define MONITOR_DOCTOR_ENTRA_H

#include "monitor/doctor/finding.h"
#include "monitor/session/glance.h"

/* By the facts and the history of a look that could read; `state` is the state folder, -1 = none. */
void doctor_entra(struct doctor *doctor, const struct glance *glance, int state);

#endif
