/*
 * What a kept key pair is still good for, and the rule by which one goes: mode renew, a look that could read a
 * well-formed object, a clock that is not known to be wrong, no slot that names it, and a certificate that ended more
 * than 30 days ago. Nothing else is ever removed.
 */
#ifndef MONITOR_ACT_KEPT_KEYS_H
#define MONITOR_ACT_KEPT_KEYS_H

#include "core/facts.h"
#include "core/policy.h"
#include "base/text.h"
#include "renew/keys/keystore.h"

#include <stdbool.h>
#include <time.h>

#define KEPT_AFTER_END (30 * (time_t)SECONDS_PER_DAY)

enum kept_use {
    KEPT_IN_SLOT,   /* the auth configuration names it */
    KEPT_CANDIDATE, /* never used, and would be taken before a new one is made */
    KEPT_UNUSED,    /* never used, and too old or not as policy asks: it never will be */
    KEPT_RETIRED    /* used once, or imported, and in no slot now */
};

enum kept_use kept_key_use_of(const struct kept_key *key, const struct facts *facts, const struct policy *policy,
                              time_t now);

/* May a used pair that is in no slot now, because the object was set back, follow current once more: it is as long as
 * policy asks, ends later than current, and where current is usable not so soon that it would be replaced at once. */
bool kept_key_may_return(const struct kept_key *key, const struct facts *facts, const struct policy *policy,
                         time_t now);

/* By the rule above; `clock_wrong` as the decision has it. */
bool kept_key_may_go(const struct kept_key *key, const struct facts *facts, bool clock_wrong, time_t now);

/* Removes what may go; their thumbprints go to `ret_removed`. False when one could not be removed; the others are. */
bool kept_keys_prune(const struct keystore *store, const struct facts *facts, bool clock_wrong, time_t now,
                     struct strings *ret_removed, struct error *err) MUST_CHECK;

/* A sentence for each pair that is of no use any more: what it is, and when it goes. */
bool kept_keys_list_unused(const struct keystore *store, const struct facts *facts, const struct policy *policy,
                           time_t now, struct strings *sentences, struct error *err) MUST_CHECK;

#endif
