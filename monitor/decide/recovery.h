/*
 * What `recover` does, decided: pure. Any usable certificate that the object names is taken before one is made, in the
 * order next, current, previous, others by latest end, those first that every server on earth takes already, unless it
 * is known that no server holds it and its key is not kept here either, so that it cannot be delivered.
 */
#ifndef MONITOR_DECIDE_RECOVERY_H
#define MONITOR_DECIDE_RECOVERY_H

#include "core/change.h"
#include "core/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Is there anything to recover: current empty, unknown, unusable or perhaps so on some
 * server already, or the object malformed. */
bool recovery_is_needed(const struct facts *facts, time_t now);

/* The certificate to make current: a thumbprint that the object names, "" when none will do and one has to be made.
 * `others` are certificates of further thumbprints among the raw values, `count` of them. */
void recovery_choose(const struct facts *facts, struct certificate *const *others, size_t count, time_t now,
                     char ret_thumbprint[THUMBPRINT_SIZE]);

/* What the slots should hold afterwards: `thumbprint` as current, previous as for any promotion, and of a well-formed
 * object an unknown or later next with its date; of a malformed one nothing else. */
struct desired recovery_desired(const struct facts *facts, const char *thumbprint, time_t now);

#endif
