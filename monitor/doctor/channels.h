/*
 * The part of `doctor` about the roads to people, as far as they can be tried without anyone noticing.
 */
#ifndef MONITOR_DOCTOR_CHANNELS_H
#define MONITOR_DOCTOR_CHANNELS_H

#include "core/facts.h"
#include "monitor/doctor/finding.h"

/* Every relay, what waits for them, the webhook and the dead man's switch. `state`: the state folder, -1 = none. */
void doctor_channels(struct doctor *doctor, int state);

/* Every relay alone. */
void doctor_relays(struct doctor *doctor);

/* Warns when the relays are the Exchange servers themselves. */
void doctor_relays_of_exchange(struct doctor *doctor, const struct facts *facts);

#endif
