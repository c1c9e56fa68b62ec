#include "monitor/ports/keys.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/act/kept_keys.h"
#include "renew/keys/handout.h"

static void take_candidate(const struct kept_key *key, struct facts *facts) {
    memcpy(facts->candidate.thumbprint, key->thumbprint, THUMBPRINT_SIZE);
    facts->candidate.not_after = key->not_after;
}

/* Of two nexts the one whose pair is kept here is taken for the candidate, so that it can be taken out again. */
static bool competes(const struct slots *slots, const char *thumbprint) {
    return slots->other_next[0] != '\0' &&
           (strcmp(slots->thumbprint[SLOT_NEXT], thumbprint) == 0 || strcmp(slots->other_next, thumbprint) == 0);
}

/* The used pair that servers have already and that ends last; NULL when there is none. */
static const struct kept_key *returning(const struct kept_key *keys, size_t count, const struct strings *delivered,
                                        const struct facts *facts, const struct policy *policy, time_t now) {
    const struct kept_key *found = NULL;

    for (size_t i = 0; i < count; i++)
        if (kept_key_may_return(&keys[i], facts, policy, now) && strings_contain(delivered, keys[i].thumbprint) &&
            (found == NULL || keys[i].not_after > found->not_after))
            found = &keys[i];
    return found;
}

/* In an emergency only what every server takes at once. */
static bool is_taken(const struct kept_key *key, const struct facts *facts, time_t now) {
    return !facts_current_over(facts, now) || now - key->not_before >= CERTIFICATE_AHEAD;
}

static bool survey(void *context, const struct policy *policy, const struct strings *delivered, time_t now,
                   struct facts *facts, struct strings *troubles, struct error *err) {
    const struct keys_port_context *port = context;
    const struct kept_key *back;
    struct kept_key *keys = NULL;
    size_t count = 0;
    bool ok = true;

    if (!facts->read || port->store.state < 0)
        return true;
    if (!keystore_list(&port->store, &keys, &count, troubles, err))
        return false;
    back = facts->slots.other_next[0] == '\0' ? returning(keys, count, delivered, facts, policy, now) : NULL;
    if (back != NULL)
        take_candidate(back, facts);
    for (size_t i = 0; i < count; i++) {
        enum kept_use use = kept_key_use_of(&keys[i], facts, policy, now);
        const char *thumbprint = keys[i].thumbprint;

        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            if (strcmp(facts->slots.thumbprint[slot], thumbprint) == 0)
                facts->slot[slot].key_kept = true;
        if (competes(&facts->slots, thumbprint))
            use = KEPT_CANDIDATE;
        if (keys[i].candidate && use == KEPT_IN_SLOT)
            ok = (port->only_read || keystore_mark_used(&port->store, thumbprint, err)) && ok;
        else if (use == KEPT_CANDIDATE && is_taken(&keys[i], facts, now) && facts->candidate.thumbprint[0] == '\0')
            take_candidate(&keys[i], facts);
    }
    free(keys);
    return ok;
}

static bool prune(void *context, const struct facts *facts, bool clock_wrong, time_t now, struct strings *ret_removed,
                  struct error *err) {
    const struct keys_port_context *port = context;

    return port->only_read || port->store.state < 0 ||
           kept_keys_prune(&port->store, facts, clock_wrong, now, ret_removed, err);
}

static bool may_keep(const struct keys_port_context *port, struct error *err) {
    return port->may_keep ||
           error_set(err, ERROR_CONFIG,
                     "no private key is kept without a password: set key_password_file or key_password_credential in "
                     "[state], or key_password = none if the disk itself is encrypted");
}

static bool make(void *context, const struct policy *policy, time_t now, struct certificate **ret_certificate,
                 struct error *err) {
    const struct keys_port_context *port = context;

    return may_keep(port, err) &&
           keystore_make(&port->store, policy->key_bits, policy->lifetime, now, ret_certificate, err);
}

static bool prove(void *context, const char *thumbprint, struct certificate **ret_certificate, struct error *err) {
    const struct keys_port_context *port = context;

    return may_keep(port, err) && handout_certificate(&port->store, thumbprint, ret_certificate, err);
}

/* Takes the answers over; their strings change hands. */
static bool take_answers(struct delivery_outcome *outcome, struct delivered **ret_answers, size_t *ret_count,
                         struct strings *remarks, struct error *err) {
    struct delivered *answers = calloc(outcome->count + 1, sizeof(*answers));

    if (answers == NULL)
        return error_memory(err);
    for (size_t i = 0; i < outcome->count; i++) {
        if (outcome->answers[i].failed)
            strings_add(remarks, "delivery to %s failed%s%s", outcome->answers[i].fqdn,
                        outcome->answers[i].text[0] != '\0' ? ": " : "", outcome->answers[i].text);
        else if (!outcome->answers[i].present)
            strings_add(remarks, "the delivery command did not say whether %s has the certificate",
                        outcome->answers[i].fqdn);
        answers[i] = (struct delivered){.fqdn = outcome->answers[i].fqdn,
                                        .present = outcome->answers[i].present,
                                        .failed = outcome->answers[i].failed};
        outcome->answers[i].fqdn = NULL;
    }
    for (size_t i = 0; i < outcome->remarks.count; i++)
        strings_add(remarks, "%s", outcome->remarks.items[i]);
    *ret_answers = answers;
    *ret_count = outcome->count;
    return true;
}

/* A server has it when its proof was good. One that could not be asked said nothing. */
static bool take_proofs(const struct proofs *proofs, const char *thumbprint, const struct strings *servers,
                        struct delivered **ret_answers, bool *ret_completed, struct strings *remarks,
                        struct error *err) {
    struct delivered *answers = calloc(servers->count + 1, sizeof(*answers));
    bool ok = answers != NULL;
    bool completed = true;

    for (size_t i = 0; i < servers->count && ok; i++) {
        const struct proof_note *note = proofs_find(proofs, servers->items[i], thumbprint);
        enum proof proof = note != NULL ? note->proof : PROOF_UNKNOWN;
        const char *why = note != NULL && note->trouble != NULL ? note->trouble : "";

        answers[i] = (struct delivered){.fqdn = strdup(servers->items[i]),
                                        .present = proof == PROOF_PROVED,
                                        .failed = proof != PROOF_PROVED && proof != PROOF_UNKNOWN};
        ok = answers[i].fqdn != NULL;
        completed = completed && answers[i].present;
        if (!answers[i].present)
            strings_add(remarks, "delivery to %s failed: %s%s%s", servers->items[i],
                        proof == PROOF_UNKNOWN ? "" : proof_name(proof),
                        proof != PROOF_UNKNOWN && why[0] != '\0' ? ", " : "", why);
    }
    if (!ok) {
        for (size_t i = 0; answers != NULL && i < servers->count; i++)
            free(answers[i].fqdn);
        free(answers);
        return error_memory(err);
    }
    *ret_answers = answers;
    *ret_completed = completed;
    return true;
}

static bool deliver_by_winrm(const struct keys_port_context *port, const char *thumbprint,
                             const struct strings *servers, time_t now, struct delivered **ret_answers,
                             size_t *ret_count, bool *ret_completed, struct proofs *proofs, struct strings *remarks,
                             struct error *err) {
    struct certificate *certificate = NULL;
    struct secret password = {0}, pfx = {0};
    bool ok = pfx_random_password(&password, err) && handout_certificate(&port->store, thumbprint, &certificate, err) &&
              handout_pfx(&port->store, thumbprint, &password, port->pfx, now, &pfx, err) &&
              windows_import(port->windows, servers, certificate, &pfx, &password, now, proofs, err) &&
              take_proofs(proofs, thumbprint, servers, ret_answers, ret_completed, remarks, err);

    if (ok)
        *ret_count = servers->count;
    certificate_free(certificate);
    secret_free(&pfx);
    secret_free(&password);
    return ok;
}

static bool deliver(void *context, const char *thumbprint, enum slot slot, const struct strings *servers, time_t now,
                    struct delivered **ret_answers, size_t *ret_count, bool *ret_completed, struct proofs *proofs,
                    struct strings *remarks, struct error *err) {
    const struct keys_port_context *port = context;
    struct delivery_outcome outcome = {0};
    struct secret password = {0}, pfx = {0};
    bool ok = false;

    if (port->windows != NULL)
        return may_keep(port, err) && deliver_by_winrm(port, thumbprint, servers, now, ret_answers, ret_count,
                                                       ret_completed, proofs, remarks, err);

    if (!may_keep(port, err) || !pfx_random_password(&password, err) ||
        !handout_pfx(&port->store, thumbprint, &password, port->pfx, now, &pfx, err))
        goto out;
    ok = delivery_command_run(
             &port->delivery,
             &(struct delivery_order){
                 .thumbprint = thumbprint, .slot = slot, .servers = servers, .pfx = &pfx, .password = &password},
             &outcome, err) &&
         take_answers(&outcome, ret_answers, ret_count, remarks, err);
    if (ok && outcome.interrupted)
        ok =
            error_set(err, ERROR_LOCAL,
                      "the delivery was interrupted, and nothing more was done: the servers that it had named have the "
                      "certificate; the same command goes on with the others");
    if (ok)
        *ret_completed = outcome.completed;
out:
    delivery_outcome_free(&outcome);
    secret_free(&pfx);
    secret_free(&password);
    return ok;
}

struct keys_port keys_port_of(struct keys_port_context *context) {
    return (struct keys_port){
        .context = context, .survey = survey, .make = make, .prove = prove, .deliver = deliver, .prune = prune};
}
