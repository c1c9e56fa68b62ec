/*
 * The part of `doctor` about the directory: which of its servers can be used, and what one look at the organization
 * shows.
 */
#ifndef MONITOR_DOCTOR_ORGANIZATION_H
#define MONITOR_DOCTOR_ORGANIZATION_H

#include "monitor/doctor/finding.h"

/* Tries every server of the directory. Returns whether any answered. */
bool doctor_connections(struct doctor *doctor);

/* Looks, and has everything examined that hangs on it. Returns whether the directory could be read. `state`: the state
 * folder, -1 = none; `reached`: some server of the directory answered. */
bool doctor_organization(struct doctor *doctor, int state, bool reached);

#endif
