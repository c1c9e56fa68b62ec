/*
 * The Active Directory sites of the counted servers, as far as the servers' answers tell of them: which site is cut
 * off, and what is enough without it. Pure; nothing is allocated but the names that are asked for.
 */
#ifndef MONITOR_DECIDE_SITES_H
#define MONITOR_DECIDE_SITES_H

#include "core/facts.h"
#include "core/policy.h"
#include "base/text.h"

#include <stdbool.h>

/* Does some site have counted servers of which none answered, where servers were asked? */
bool sites_cut_off(const struct facts *facts);

/* Adds "Site2 (ex3.contoso.test, ex4.contoso.test)" for each such site, at most 10 of them with 10 servers each; that
 * there are more is said. */
void sites_add_cut_off(const struct facts *facts, struct text *text);

/* facts_candidate_enough of the sites that are not cut off alone; false where no server has it. */
bool sites_candidate_enough(const struct facts *facts, enum confirm confirm);

#endif
