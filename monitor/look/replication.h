/*
 * The other domain controllers: asked before what they could have overtaken is done, and after every write, until all
 * of them have it. That one has it not yet is a state, which the history keeps and later runs confirm; it is no
 * failure.
 */
#ifndef MONITOR_LOOK_REPLICATION_H
#define MONITOR_LOOK_REPLICATION_H

#include "base/error.h"
#include "monitor/look/looker.h"

#include <stdbool.h>

/* Is the decision one of those before which the others are to be read: restage, reschedule, replace, retire? */
bool replication_matters(const struct decision *decision);

/* Asks them about the facts of the last look, unless that was done. Trouble goes to looker->troubles. */
void replication_ask(struct looker *looker);

/* At the end of a run: after a write, and while an earlier one is not confirmed, asks them, adds to the report which
 * have it, and to the history whether it is everywhere. Nothing where nobody can be asked. False only when the history
 * has no room. */
bool replication_confirm(struct looker *looker, struct error *err) MUST_CHECK;

#endif
