/*
 * The part of `doctor` about rights: which the account has in the directory, which it lacks for the configured mode,
 * which it has besides, and the commands that grant what is lacking. Nothing is changed.
 */
#ifndef MONITOR_DOCTOR_RIGHTS_H
#define MONITOR_DOCTOR_RIGHTS_H

#include "core/facts.h"
#include "monitor/doctor/finding.h"

#include <stdbool.h>

/* Asks the directory once more, where the facts were read, and says what came of it. Of facts that could not be read
 * it speaks only when rights may be why. Returns whether the account is known to have both rights that writing the
 * auth configuration takes. */
bool doctor_rights(struct doctor *doctor, const struct facts *facts);

#endif
