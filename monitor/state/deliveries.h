/*
 * The answers to deliveries, of the delivery command and of admins (`deliver --confirm`): which server has, or failed
 * to take, which certificate. Kept in order, one for each thumbprint and server. Empty when zeroed; owns the names.
 */
#ifndef MONITOR_STATE_DELIVERIES_H
#define MONITOR_STATE_DELIVERIES_H

#include "base/error.h"
#include "core/facts.h"
#include "core/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* What a server answered to the delivery of a key pair, or an admin for it. */
struct delivery_note {
    char thumbprint[THUMBPRINT_SIZE];
    char *fqdn;
    bool present;
    time_t at; /* when it was said; 0 = an earlier version did not note it */
};

struct deliveries {
    struct delivery_note *items;
    size_t count;
};

void deliveries_free(struct deliveries *deliveries);

/* Remembers that `fqdn` had, or failed to take, the certificate at `at`; a later answer replaces an earlier one. */
bool deliveries_note(struct deliveries *deliveries, const char *thumbprint, const char *fqdn, bool present, time_t at,
                     struct error *err) MUST_CHECK;

/* What is known of this server, names compared without case; NULL when nothing is. */
const struct delivery_note *deliveries_find(const struct deliveries *deliveries, const char *thumbprint,
                                            const char *fqdn);

/* Forgets the answers about certificates that are neither in a slot nor the candidate, unless what was read may be old.
 */
void deliveries_forget(struct deliveries *deliveries, const struct facts *facts);

#endif
