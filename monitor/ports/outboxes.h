/*
 * What waits to be sent: the messages in the outboxes of a state folder, for people to read, whatever the configuration
 * names now.
 */
#ifndef MONITOR_PORTS_OUTBOXES_H
#define MONITOR_PORTS_OUTBOXES_H

#include "base/text.h"

#include <time.h>

/* One sentence per message, oldest first: which, since when, for whom, and why. What cannot be read is said too. */
void outboxes_list(int state, struct strings *ret_sentences);

/* Gives up what has waited too long for a channel that is configured no more, and says so in `troubles`. `outbox`: its
 * folder in the state folder. */
void outboxes_abandon(int state, const char *outbox, const char *channel, time_t now, struct strings *troubles);

#endif
