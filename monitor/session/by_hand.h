/*
 * What is left to do by hand after a certificate became current at once, with the exact commands: Exchange's processes
 * reread the object only every 30 minutes, its servicelet every 12 hours, and partners have to be told.
 */
#ifndef MONITOR_SESSION_BY_HAND_H
#define MONITOR_SESSION_BY_HAND_H

#include "monitor/session/session.h"

/* Prints it to standard error for every counted server. */
void by_hand_say_activation(const struct session *session);

/* The steps at partners alone, which a certificate that was only staged needs too. */
void by_hand_say_partners(const struct facts *facts);

#endif
