/*
 * What is known of deliveries: the answers of the delivery command and of admins (`deliver --confirm`), kept in the
 * history per thumbprint and server, and what they say about the facts of a look.
 */
#ifndef MONITOR_LOOK_DELIVERED_H
#define MONITOR_LOOK_DELIVERED_H

#include "base/error.h"
#include "core/facts.h"
#include "core/policy.h"
#include "monitor/state/history.h"

#include <stdbool.h>

/* Remembers that `fqdn` had, or failed to take, the certificate at `at`; a later answer replaces an earlier one. */
bool delivered_note(struct history *history, const char *thumbprint, const char *fqdn, bool present, time_t at,
                    struct error *err) __attribute__((warn_unused_result));

/* Forgets the answers about certificates that are neither in a slot nor the candidate, unless what was read may be old.
 */
void delivered_forget(struct history *history, const struct facts *facts);

/* Puts the answers into the facts where the servers themselves said nothing better, and judges how far each delivery
 * got. A document without the certificate is better than an answer which is older than documents can be. In an
 * emergency, with a current that cannot be used, a site of which no server answered need not have the candidate.
 * `tried` lists the thumbprints whose delivery this run has tried already. */
void delivered_apply(const struct history *history, const struct policy *policy, const struct strings *tried,
                     time_t now, struct facts *facts);

#endif
