/*
 * The part of `doctor` about the delivery command: whether it would be run at all, and with --try-delivery what becomes
 * of it when it is, as the night would run it, with a key pair that is made in memory and forgotten, and for no server.
 */
#ifndef MONITOR_DOCTOR_DELIVERY_H
#define MONITOR_DOCTOR_DELIVERY_H

#include "base/progress.h"
#include "monitor/config/config.h"
#include "monitor/doctor/servers.h"

#include <stdbool.h>
#include <time.h>

/* Says what it found. Without `try` nothing is run. */
void doctor_delivery(const struct config *config, bool try, time_t now, const struct progress_port *progress,
                     doctor_say *say, void *context);

#endif
