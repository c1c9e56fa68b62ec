/*
 * What the answers to deliveries that the history keeps say about the facts of a look.
 */
#ifndef MONITOR_LOOK_DELIVERED_H
#define MONITOR_LOOK_DELIVERED_H

#include "core/facts.h"
#include "core/policy.h"
#include "monitor/state/history.h"

#include <time.h>

/* Puts the answers into the facts where the servers themselves said nothing better, and judges how far each delivery
 * got. A document without the certificate is better than an answer which is older than documents can be. In an
 * emergency, with a current that cannot be used, a site of which no server answered need not have the candidate.
 * `tried` lists the thumbprints whose delivery this run has tried already. */
void delivered_apply(const struct history *history, const struct policy *policy, const struct strings *tried,
                     time_t now, struct facts *facts);

#endif
