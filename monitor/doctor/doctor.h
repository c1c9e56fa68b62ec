/*
 * The command doctor: tests all that authcert needs, and says how to repair what fails.
 */
#ifndef MONITOR_DOCTOR_DOCTOR_H
#define MONITOR_DOCTOR_DOCTOR_H

#include "monitor/session/command.h"

extern const struct command command_doctor;

#endif
