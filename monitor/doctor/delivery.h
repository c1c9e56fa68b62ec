/*
 * The part of `doctor` about the delivery command: whether it would be run at all, and with --try-delivery what becomes
 * of it when it is, as the night would run it, with a key pair that is made in memory and forgotten, and for no server.
 */
#ifndef MONITOR_DOCTOR_DELIVERY_H
#define MONITOR_DOCTOR_DELIVERY_H

#include "monitor/doctor/finding.h"

#include <stdbool.h>

/* Says what it found. Without `try` nothing is run. */
void doctor_delivery(struct doctor *doctor, bool try);

#endif
