#include "monitor/act/kept_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

#define CANDIDATE_AGE_MOST (90 * (time_t)SECONDS_PER_DAY)

static bool is_in_a_slot(const struct facts *facts, const char *thumbprint) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(facts->slots.thumbprint[slot], thumbprint) == 0)
            return true;
    return strcmp(facts->slots.other_next, thumbprint) == 0;
}

/* A candidate will do while it is young and as policy would make one now. */
static bool will_do(const struct kept_key *key, const struct policy *policy, time_t now) {
    time_t off = key->not_after - time_add_span(key->not_before, policy->lifetime);

    return now - key->not_before < CANDIDATE_AGE_MOST && now < key->not_after && key->key_bits >= policy->key_bits &&
           off > -SECONDS_PER_DAY && off < SECONDS_PER_DAY;
}

enum kept_use kept_key_use_of(const struct kept_key *key, const struct facts *facts, const struct policy *policy,
                              time_t now) {
    if (is_in_a_slot(facts, key->thumbprint))
        return KEPT_IN_SLOT;
    if (!key->candidate)
        return KEPT_RETIRED;
    return will_do(key, policy, now) ? KEPT_CANDIDATE : KEPT_UNUSED;
}

bool kept_key_may_return(const struct kept_key *key, const struct facts *facts, const struct policy *policy,
                         time_t now) {
    const struct certificate *current = facts->slot[SLOT_CURRENT].certificate;
    bool planned = facts_slot_state(facts, SLOT_CURRENT, now) == SLOT_USABLE;

    return !key->candidate && !is_in_a_slot(facts, key->thumbprint) && current != NULL &&
           key->key_bits >= policy->key_bits && key->not_before <= now && now < key->not_after &&
           key->not_after > current->not_after &&
           (!planned || key->not_after - now >= policy->activate_after + policy->renew_before);
}

bool kept_key_may_go(const struct kept_key *key, const struct facts *facts, bool clock_wrong, time_t now) {
    return facts->read && facts->slots.malformed == 0 && (facts->slots.leftover & LEFTOVER_VALUE) == 0 &&
           !clock_wrong && !is_in_a_slot(facts, key->thumbprint) && now - key->not_after > KEPT_AFTER_END;
}

bool kept_keys_prune(const struct keystore *store, const struct facts *facts, bool clock_wrong, time_t now,
                     struct strings *ret_removed, struct error *err) {
    struct strings troubles = {0}; /* told by the look already */
    struct kept_key *keys = NULL;
    size_t count = 0;
    bool ok = keystore_list(store, &keys, &count, &troubles, err);

    for (size_t i = 0; i < count; i++) {
        if (!kept_key_may_go(&keys[i], facts, clock_wrong, now))
            continue;
        if (keystore_remove(store, keys[i].thumbprint, err))
            strings_add(ret_removed, "%s", keys[i].thumbprint);
        else
            ok = false;
    }
    free(keys);
    strings_free(&troubles);
    return ok;
}

static void say_unused(const struct kept_key *key, enum kept_use use, struct strings *sentences) {
    char end[TIME_TEXT_SIZE], gone[TIME_TEXT_SIZE];

    strings_add(sentences,
                "%s is kept, but %s; its certificate ends on %s, and the first run in mode renew after %s removes it",
                key->thumbprint,
                use == KEPT_UNUSED ? "was never used and will not be: it is older than 90 days or not as policy asks"
                                   : "is in no slot",
                time_format_date(end, key->not_after), time_format_date(gone, key->not_after + KEPT_AFTER_END));
}

bool kept_keys_list_unused(const struct keystore *store, const struct facts *facts, const struct policy *policy,
                           time_t now, struct strings *sentences, struct error *err) {
    struct strings troubles = {0};
    struct kept_key *keys = NULL;
    size_t count = 0;
    bool ok = keystore_list(store, &keys, &count, &troubles, err);

    for (size_t i = 0; i < count; i++) {
        enum kept_use use = kept_key_use_of(&keys[i], facts, policy, now);

        if ((use == KEPT_UNUSED || use == KEPT_RETIRED) && strcmp(facts->candidate.thumbprint, keys[i].thumbprint) != 0)
            say_unused(&keys[i], use, sentences);
    }
    free(keys);
    strings_free(&troubles);
    return ok;
}
