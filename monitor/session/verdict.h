/*
 * Looking without changing anything, and ending with the status of the organization in the manner of monitoring
 * plug-ins: what check and status share.
 */
#ifndef MONITOR_SESSION_VERDICT_H
#define MONITOR_SESSION_VERDICT_H

#include "monitor/session/glance.h"

#include <stdbool.h>

/* Answers what was seen; false when that could not be written. `state` is the state folder's descriptor, -1 = none. */
typedef bool verdict_answer(const struct invocation *invocation, const struct config *config, int state,
                            const struct glance *glance);

/* Loads the configuration, looks as `how` says, answers. What cannot even be looked at is
 * answered as unreadable. Returns 0 ok, 1 warning, 2 critical, 3 unknown. */
int verdict_run(const struct invocation *invocation, enum glance_how how, verdict_answer *answer);

#endif
