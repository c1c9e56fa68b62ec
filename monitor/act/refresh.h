/*
 * Has Exchange's services begin with the current certificate at once, instead of within 12 hours: over WinRM, one
 * server of a site after the other, each only where it proves first that it has the key. Then the servers' documents
 * are asked until they show it.
 */
#ifndef MONITOR_ACT_REFRESH_H
#define MONITOR_ACT_REFRESH_H

#include "monitor/act/actor.h"

#include <stdbool.h>

/* Is it time for that, by itself: a certificate became current within the last day, and this was not done yet. */
bool refresh_is_due(const struct looker *looker);

/* Does it, on these counted servers (NULL = on all that do not serve current already), and notes what came of it. False
 * when it was not done on all of them. */
bool refresh_servers(struct actor *actor, const struct strings *wanted);

#endif
