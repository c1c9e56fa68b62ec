/*
 * Whether this host keeps to its account what is the account's: the folders above the state folder are root's, and the
 * organizations of one host have their secrets apart. An installation from before the package saw to that says here
 * what its admin has to change. Looks only at names and owners; reads no secret.
 */
#ifndef MONITOR_DOCTOR_APART_H
#define MONITOR_DOCTOR_APART_H

#include "monitor/doctor/finding.h"

/* Before the state folder is opened, for root then becomes its owner. Says nothing where nothing is to be changed. */
void doctor_apart(struct doctor *doctor);

#endif
