/*
 * The part of `doctor` about the Exchange servers over WinRM: asks each, without changing anything, whether the account
 * may log in and is an administrator there, whether PowerShell would run the script, whether Windows has what a key
 * needs, and says how to mend what stands in the way.
 */
#ifndef MONITOR_DOCTOR_WINDOWS_H
#define MONITOR_DOCTOR_WINDOWS_H

#include "core/facts.h"
#include "monitor/doctor/finding.h"

/* Says what it found of the counted servers; nothing where keys do not go there over WinRM. */
void doctor_windows(struct doctor *doctor, const struct facts *facts);

#endif
