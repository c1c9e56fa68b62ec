/*
 * What is known of deliveries: the answers of the delivery command and of admins (`deliver --confirm`), kept in the
 * history per thumbprint and server, and what they say about the facts of a look.
 */
#ifndef MONITOR_DELIVERED_H
#define MONITOR_DELIVERED_H

#include "core/error.h"
#include "core/facts.h"
#include "core/policy.h"
#include "monitor/history.h"

#include <stdbool.h>

/* Remembers that `fqdn` has, or failed to take, the certificate; a later answer replaces an earlier one. */
bool delivered_note(struct history *history, const char *thumbprint, const char *fqdn, bool present, struct error *err)
    __attribute__((warn_unused_result));

/* Forgets the answers about certificates that are neither in a slot nor the candidate. */
void delivered_forget(struct history *history, const struct facts *facts);

/* Puts the answers into the facts where the servers themselves said nothing better, and judges how far each delivery
 * got. `tried` lists the thumbprints whose delivery this run has tried already. */
void delivered_apply(const struct history *history, const struct policy *policy, const struct strings *tried,
                     struct facts *facts);

#endif
