#include "monitor/look/delivered.h"

#include "core/probed.h"
#include "monitor/look/recorded.h"
#include "monitor/decide/sites.h"

static enum presence answer_of(const struct delivery_note *note) {
    if (note == NULL)
        return PRESENCE_UNKNOWN;
    return note->present ? PRESENCE_PRESENT : PRESENCE_MISSING;
}

/* What a server's presence is with an answer to a delivery beside what its document said. */
static enum presence with_answer(enum presence seen, const struct delivery_note *note, time_t now) {
    if (note == NULL || seen == PRESENCE_PRESENT)
        return seen;
    if (seen == PRESENCE_MISSING && note->present && (note->at == 0 || now - note->at > PROBED_SETTLED))
        return PRESENCE_MISSING;
    return answer_of(note);
}

/* What a server proves, or shows that it cannot, is better than all that anybody says of it. */
static enum presence with_proof(enum presence seen, enum proof proof) {
    if (proof == PROOF_UNKNOWN)
        return seen;
    return proof == PROOF_PROVED ? PRESENCE_PRESENT : PRESENCE_MISSING;
}

static void apply_to_server(const struct history *history, const struct facts *facts, time_t now,
                            struct server_facts *server) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (facts->slots.thumbprint[slot][0] != '\0')
            server->presence[slot] = with_proof(
                with_answer(server->presence[slot],
                            deliveries_find(&history->deliveries, facts->slots.thumbprint[slot], server->fqdn), now),
                server->proof[slot]);
    server->candidate =
        facts->candidate.thumbprint[0] != '\0'
            ? with_proof(answer_of(deliveries_find(&history->deliveries, facts->candidate.thumbprint, server->fqdn)),
                         server->candidate_proof)
            : PRESENCE_UNKNOWN;
}

static enum delivery how_far(const struct policy *policy, const struct strings *tried, const char *thumbprint,
                             bool enough) {
    if (enough)
        return DELIVERY_ENOUGH;
    if (policy->method == DELIVERY_BY_HAND)
        return DELIVERY_WAITING;
    return strings_contain(tried, thumbprint) ? DELIVERY_FAILED : DELIVERY_UNTRIED;
}

/* Nothing can take current's place without a new certificate, and no site is waited for that cannot be reached. */
static bool is_emergency(const struct facts *facts, time_t now) {
    return facts_current_over(facts, now) || facts_slot_state(facts, SLOT_CURRENT, now) == SLOT_EMPTY;
}

static bool candidate_enough(const struct facts *facts, const struct policy *policy, time_t now) {
    return facts_candidate_enough(facts, policy->confirm) ||
           (is_emergency(facts, now) && sites_candidate_enough(facts, policy->confirm));
}

void delivered_apply(const struct history *history, const struct policy *policy, const struct strings *tried,
                     time_t now, struct facts *facts) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted)
            apply_to_server(history, facts, now, &facts->servers[i]);
    recorded_apply(history, facts);
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        facts->slot[slot].delivery = how_far(policy, tried, facts->slots.thumbprint[slot],
                                             facts_count_presence(facts, (enum slot)slot, PRESENCE_MISSING) == 0);
    if (facts->candidate.thumbprint[0] != '\0')
        facts->candidate.delivery =
            how_far(policy, tried, facts->candidate.thumbprint, candidate_enough(facts, policy, now));
}
