/*
 * recover --rehearse: the emergency gone through without any effect, for a person; and for a run, which remembers what
 * came of it.
 */
#ifndef MONITOR_COMMANDS_CHANGE_REHEARSE_H
#define MONITOR_COMMANDS_CHANGE_REHEARSE_H

#include "monitor/session/invocation.h"
#include "monitor/state/history.h"

/* Prints a line a thing, and what grants the rights that lack, or what someone who has them would write. Returns the
 * exit status. */
int rehearse(const struct invocation *invocation);

/* What would lack, a sentence each, by the facts and the history of a run whose keys have their password. */
bool rehearse_within(const struct invocation *invocation, const struct config *config, int state,
                     const struct facts *facts, const struct history *history, struct strings *ret_lacking,
                     struct error *err) MUST_CHECK;

#endif
