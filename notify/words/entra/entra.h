/*
 * What is said of Entra: which tenant accepts which key, what holds a certificate back there, and what a person does
 * once so that the rest goes by itself. Pure wording. Commands hold only thumbprints, identifiers that were parsed, and
 * a harmless path.
 */
#ifndef NOTIFY_WORDS_ENTRA_ENTRA_H
#define NOTIFY_WORDS_ENTRA_ENTRA_H

#include "base/text.h"
#include "core/report.h"

/* Of which certificate is it asked whether Entra accepts it, by what is decided: the candidate, or next. "" = none. */
const char *entra_thumbprint(const struct report *report);

/* What is known at this tenant of the key that entra_thumbprint names. */
const struct tenant_key *entra_key(const struct report *report, const struct tenant_facts *tenant);

/* Names tenant and application: "application A in tenant T". */
void entra_add_name(struct text *out, const struct tenant *tenant);

/* "tenant T: has the key of current (yes), of next (not yet)", for a list of facts. */
void entra_add_state(struct text *out, const struct facts *facts, const struct tenant_facts *tenant);

/* What Entra lacks and what to do about it, in one text. */
void entra_add_obstacle(struct text *out, const struct report *report);

/* Sentences about what is not as it should be at each tenant: keys it lacks, or has long said nothing about. */
void entra_add_troubles(const struct facts *facts, const struct policy *policy, struct remarks *out);

#endif
