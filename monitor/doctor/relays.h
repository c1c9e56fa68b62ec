/*
 * Whether the mail relays are the Exchange servers themselves: when Exchange stops for want of its certificate,
 * messages that go through it stop too. Names are compared first, then the addresses that they have here. Asks the
 * host's resolver; connects to nothing.
 */
#ifndef MONITOR_DOCTOR_RELAYS_H
#define MONITOR_DOCTOR_RELAYS_H

#include "core/facts.h"
#include "base/text.h"

#include <stdbool.h>

/* Relays as in [mail] relay. True when there are some and each is one of the servers that the directory names. What
 * cannot be resolved is taken for another host. */
bool relays_are_exchange(const struct strings *relays, const struct facts *facts);

#endif
