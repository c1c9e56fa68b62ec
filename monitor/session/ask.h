/*
 * The question before a command that cannot be taken back. Asked on a terminal alone; without one the command refuses
 * unless --yes was given.
 */
#ifndef MONITOR_SESSION_ASK_H
#define MONITOR_SESSION_ASK_H

#include "monitor/session/session.h"

#include <stdbool.h>

/* True when `what` ("clear the previous certificate at once") may be done. Otherwise the reason is on standard error
 * and *ret_exit is the status to end with. A dry run needs no leave. */
bool ask_leave(struct session *session, const char *what, int *ret_exit);

#endif
