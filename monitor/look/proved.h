/*
 * What the servers' own proofs become in the facts: asks them once in a run what their stores hold of the certificates
 * that matter, and keeps in the history what was learned, for nights on which a server cannot be asked.
 */
#ifndef MONITOR_LOOK_PROVED_H
#define MONITOR_LOOK_PROVED_H

#include "monitor/look/looker.h"

/* Asks the counted servers about current, next and the candidate, as far as their bytes are known. Where nobody can be
 * asked the run goes on without, and says so. */
void proved_ask(struct looker *looker);

/* Puts into the facts what is known by now, from looks and deliveries of this run. Before the answers to deliveries are
 * put in. Out of memory costs sentences alone. */
void proved_apply(const struct proofs *proofs, struct facts *facts);

/* A proof is an answer that later runs can go by. */
void proved_remember(struct looker *looker);

#endif
