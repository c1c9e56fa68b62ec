/*
 * What waits to be sent, for people to read: the messages in the outboxes of a state folder. Changes nothing.
 */
#ifndef MONITOR_WAITING_H
#define MONITOR_WAITING_H

#include "core/error.h"
#include "core/text.h"

#include <stdbool.h>

/* One sentence per message, oldest first: which, since when, for whom, and why. What cannot be read is said too. */
void waiting_list(int state, struct strings *ret_sentences);

#endif
