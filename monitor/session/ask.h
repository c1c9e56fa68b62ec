/*
 * The question before a command that cannot be taken back, with all that it is about: which organization, from which
 * certificate to which, how that gets to the servers, what is refreshed. Asked on a terminal alone; without one the
 * command refuses unless --yes was given.
 */
#ifndef MONITOR_SESSION_ASK_H
#define MONITOR_SESSION_ASK_H

#include "monitor/session/session.h"

#include <stdbool.h>

struct question {
    const char *what;       /* "clear the previous certificate at once" */
    enum slot slot;         /* what it changes */
    const char *thumbprint; /* of a known certificate that takes its place; "" = a new key pair; NULL = none does */
};

/* True when that may be done. Otherwise the reason is on standard error and *ret_exit is the status to end with. A dry
 * run needs no leave. */
bool ask_leave(struct session *session, const struct question *question, int *ret_exit);

#endif
