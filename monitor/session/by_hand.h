/*
 * What is left to do by hand after a certificate became current at once, with the exact commands: Exchange's processes
 * reread the object only every 30 minutes, its servicelet every 12 hours, and partners have to be told.
 */
#ifndef MONITOR_SESSION_BY_HAND_H
#define MONITOR_SESSION_BY_HAND_H

#include "monitor/session/session.h"

/* Says it for every counted server, as the last of the command. */
void by_hand_say_activation(struct session *session);

/* The steps at partners alone, which a certificate that was only staged needs too. */
void by_hand_say_partners(struct session *session);

#endif
