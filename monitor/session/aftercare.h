/*
 * What is left to do by hand after a certificate became current at once, with the exact commands: Exchange's processes
 * reread the object only every 30 minutes, its servicelet every 12 hours, and partners have to be told.
 */
#ifndef MONITOR_SESSION_AFTERCARE_H
#define MONITOR_SESSION_AFTERCARE_H

#include "monitor/session/session.h"

/* Prints it to standard error for every counted server. */
void aftercare_say(const struct session *session);

/* The steps at partners alone, which a certificate that was only staged needs too. */
void aftercare_say_partners(const struct facts *facts);

#endif
