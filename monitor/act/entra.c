#include "monitor/act/entra.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/look/observe.h"
#include "monitor/look/tenants.h"

/* After a key was given, Entra is asked again after so many seconds each. What takes longer, the next run sees. */
static const int patience[] = {5, 25, 90};

#define TRIES_MOST 4 /* keys that one tenant is asked about in vain to find one that proves who we are */

/* A key of ours that may prove who we are. */
struct prover {
    char thumbprint[THUMBPRINT_SIZE];
    time_t not_before;
    bool accepted; /* as far as is known */
};

/* What was accepted last, then the newest. */
static int better_first(const void *left, const void *right) {
    const struct prover *a = left, *b = right;

    if (a->accepted != b->accepted)
        return a->accepted ? -1 : 1;
    return (a->not_before < b->not_before) - (a->not_before > b->not_before);
}

/* Every key pair of ours that could be accepted, but for the one that is about to be changed. */
static size_t list_provers(struct actor *actor, const struct tenant *tenant, const char *but, struct prover *ret) {
    struct looker *looker = actor->looker;
    const struct entra_port *entra = &looker->ports->entra;
    struct entra_own own[ENTRA_OWN_MOST];
    struct error err = {0};
    size_t count = 0, owned = 0;

    if (!entra->own(entra->context, own, &owned, &err))
        strings_add(looker->troubles, "%s", err.text);
    for (size_t i = 0; i < owned; i++) {
        const struct entra_note *note = entra_notes_find(&looker->history->entra, tenant, own[i].thumbprint);

        if (strcmp(own[i].thumbprint, but) == 0 || own[i].not_after <= looker->now || own[i].not_before > looker->now)
            continue;
        ret[count] =
            (struct prover){.not_before = own[i].not_before, .accepted = note != NULL && note->accepts == ANSWER_YES};
        memcpy(ret[count++].thumbprint, own[i].thumbprint, THUMBPRINT_SIZE);
    }
    qsort(ret, count, sizeof(*ret), better_first);
    return count;
}

/* One that this tenant accepts, asked now unless it was in this run; false when there is none. */
static bool find_prover(struct actor *actor, const struct tenant *tenant, const char *but,
                        char ret_thumbprint[THUMBPRINT_SIZE]) {
    struct looker *looker = actor->looker;
    struct prover provers[ENTRA_OWN_MOST];
    size_t count = list_provers(actor, tenant, but, provers);

    for (size_t i = 0; i < count && i < TRIES_MOST; i++) {
        const struct entra_note *note;

        if (!strings_contain(&looker->entra_asked, provers[i].thumbprint))
            (void)tenants_ask(looker, provers[i].thumbprint);
        note = entra_notes_find(&looker->history->entra, tenant, provers[i].thumbprint);
        if (note != NULL && note->asked_at == looker->now && note->accepts == ANSWER_YES && note->by[0] == '\0') {
            memcpy(ret_thumbprint, provers[i].thumbprint, THUMBPRINT_SIZE);
            return true;
        }
    }
    return false;
}

static void save(struct actor *actor) {
    const struct keeper_port *keeper = &actor->looker->ports->keeper;
    struct error err = {0};

    if (keeper->save != NULL && !keeper->save(keeper->context, actor->looker->history, &err))
        strings_add(actor->looker->troubles, "the history could not be saved beside what is done in Entra: %s",
                    err.text);
}

static void note_refused(struct actor *actor, struct entra_note *note, const char *why) {
    struct text text = {0};
    struct error err = {0};

    note->added_at = 0;
    (void)text_printable(note->refused, sizeof(note->refused), why, strlen(why));
    text_format(&text, "the certificate %s was not given to application %s in tenant %s: %s", note->thumbprint,
                note->tenant.application, note->tenant.id, why);
    if (text.failed || !history_add(actor->looker->history, actor->looker->now, "trouble", text.value, &err))
        strings_add(actor->looker->troubles, "out of memory: what Entra refused is not remembered");
    text_free(&text);
}

/* Gives one tenant the certificate. True when that was done. */
static bool give_tenant(struct actor *actor, const struct tenant *tenant, const struct certificate *certificate) {
    struct looker *looker = actor->looker;
    const struct entra_port *entra = &looker->ports->entra;
    struct entra_outcome outcome = {.result = ENTRA_UNCLEAR};
    struct entra_note *note;
    char by[THUMBPRINT_SIZE];
    struct error err = {0};
    bool proved = find_prover(actor, tenant, certificate->thumbprint, by), sent;

    /* Looked up after the last that may make one. */
    note = entra_notes_have(&looker->history->entra, tenant, certificate->thumbprint);
    if (note == NULL) {
        strings_add(looker->troubles, "out of memory: Entra is not given the certificate");
        return false;
    }
    if (!proved) {
        (void)snprintf(note->refused, sizeof(note->refused), "it holds no key that Entra accepts, with which it could");
        return false;
    }
    note->added_at = looker->now;
    save(actor);
    progress_begin(&looker->ports->progress, "giving Entra %s", certificate->thumbprint);
    sent = entra->add(entra->context, tenant, by, certificate, &outcome, &err);
    progress_end(&looker->ports->progress);
    if (!sent) {
        note_refused(actor, note, err.text);
        return false;
    }
    switch (outcome.result) {
    case ENTRA_DONE:
        memcpy(note->key_id, outcome.key_id, GUID_STRING_SIZE);
        note->refused[0] = '\0';
        actor_note(actor, ACT_ENTRA_ADD, certificate->thumbprint, true,
                   "given to application %s in tenant %s%s%s, by the key %s", tenant->application, tenant->id,
                   note->key_id[0] != '\0' ? " as key " : "", note->key_id, by);
        break;
    case ENTRA_FORBIDDEN:
    case ENTRA_POLICY:
    case ENTRA_REFUSED:
        note_refused(actor, note, outcome.said);
        break;
    case ENTRA_UNCLEAR:
        (void)snprintf(note->refused, sizeof(note->refused), "%.200s; whether it has it all the same shows later",
                       outcome.said);
        break;
    }
    save(actor);
    return outcome.result == ENTRA_DONE;
}

/* Gives it to those that clearly lack it. True when something was given that may need time now. */
static bool give_all(struct actor *actor, const struct certificate *certificate) {
    struct looker *looker = actor->looker;
    bool any = false;

    for (size_t i = 0; i < looker->facts->tenant_count; i++) {
        const struct tenant tenant = looker->facts->tenants[i].tenant;
        struct entra_note *note = entra_notes_find(&looker->history->entra, &tenant, certificate->thumbprint);

        if (note == NULL || note->accepts != ANSWER_NO || note->asked_at != looker->now)
            continue;
        if (entra_note_spreads(note, looker->now)) {
            any = true;
        } else if (!looker->ports->entra.knows_object(looker->ports->entra.context, &tenant)) {
            (void)snprintf(note->refused, sizeof(note->refused),
                           "object_id in [entra] is not set for this tenant; az ad app show --id %s --query id -o tsv "
                           "prints it",
                           tenant.application);
        } else {
            any = give_tenant(actor, &tenant, certificate) || any;
        }
    }
    return any;
}

bool entra_may_change(const struct actor *actor) {
    return actor->looker->ports->entra.adds && (actor->typed || (actor->looker->policy->mode == MODE_RENEW &&
                                                                 !actor->looker->report->decision.clock_wrong));
}

static bool give(struct actor *actor, const struct certificate *certificate, size_t waits) {
    struct looker *looker = actor->looker;
    const char *thumbprint = certificate->thumbprint;
    bool all = tenants_ask(looker, thumbprint);

    if (all || !entra_may_change(actor) || !give_all(actor, certificate)) {
        tenants_apply(looker);
        return all;
    }
    for (size_t i = 0; i < waits && !all; i++) {
        looker->ports->entra.wait(looker->ports->entra.context, patience[i]);
        all = tenants_ask(looker, thumbprint);
    }
    return all;
}

bool entra_give(struct actor *actor, const char *thumbprint) {
    struct looker *looker = actor->looker;
    struct certificate *certificate = NULL;
    struct error err = {0};
    bool all = false;

    if (looker->policy->entra == ENTRA_OFF || looker->facts->tenant_count == 0 || looker->ports->entra.ask == NULL)
        return true;
    if (!observe_find(&looker->ports->shelf, &looker->probed, looker->facts, thumbprint, &certificate, &err))
        strings_add(looker->troubles, "%s", err.text);
    else if (certificate != NULL)
        all = give(actor, certificate, sizeof(patience) / sizeof(patience[0]));
    certificate_free(certificate);
    return all;
}

bool entra_give_slots(struct actor *actor) {
    const struct looker *looker = actor->looker;
    const struct facts *facts = looker->facts;
    bool tried = false;

    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS && facts->slot[slot].key_kept && facts->slot[slot].certificate != NULL &&
            facts_slot_state(facts, (enum slot)slot, looker->now) == SLOT_USABLE &&
            facts_accepted(facts, (enum slot)slot) == ANSWER_NO) {
            (void)give(actor, facts->slot[slot].certificate, 1);
            tried = true;
        }
    return tried;
}

/* One made for Entra alone stays until a newer one is accepted in its place. */
static bool is_needed_own(const struct actor *actor, const struct entra_note *note, const struct entra_own *own,
                          size_t count) {
    size_t i = 0;

    while (i < count && own[i].alone && strcmp(own[i].thumbprint, note->thumbprint) != 0)
        i++;
    if (i == count || !own[i].alone)
        return false;
    note = entra_notes_find(&actor->looker->history->entra, &note->tenant, own[0].thumbprint);
    return i == 0 || note == NULL || note->accepts != ANSWER_YES;
}

/* Is the key one that we gave, and of no use any more? */
static bool is_left_over(const struct actor *actor, const struct entra_note *note, const struct entra_own *own,
                         size_t count) {
    const struct facts *facts = actor->looker->facts;
    const char *next = facts->slots.thumbprint[SLOT_NEXT];
    const enum act act = actor->looker->report->decision.act;

    if (note->key_id[0] == '\0' || note->seen_at == actor->looker->now || is_needed_own(actor, note, own, count))
        return false;
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(note->thumbprint, facts->slots.thumbprint[slot]) == 0)
            return false;
    return strcmp(note->thumbprint, facts->candidate.thumbprint) != 0 ||
           (next[0] != '\0' && act != ACT_STAGE && act != ACT_REPLACE);
}

static void take_back(struct actor *actor, struct entra_note *note, const char *by) {
    const struct entra_port *entra = &actor->looker->ports->entra;
    struct entra_outcome outcome = {.result = ENTRA_UNCLEAR};
    struct error err = {0};

    if (!entra->remove(entra->context, &note->tenant, by, note->key_id, &outcome, &err)) {
        strings_add(actor->looker->troubles, "%s", err.text);
        return;
    }
    if (outcome.result == ENTRA_UNCLEAR) {
        strings_add(actor->looker->troubles,
                    "whether the key %s was taken out of application %s is not known: %s; the next run tries again",
                    note->key_id, note->tenant.application, outcome.said);
        return;
    }
    if (outcome.result == ENTRA_DONE)
        actor_note(actor, ACT_ENTRA_REMOVE, note->thumbprint, true, "key %s of application %s in tenant %s",
                   note->key_id, note->tenant.application, note->tenant.id);
    else
        actor_note(actor, ACT_ENTRA_REMOVE, note->thumbprint, false,
                   "key %s of application %s in tenant %s: %s; remove it by hand, authcert does not try again",
                   note->key_id, note->tenant.application, note->tenant.id, outcome.said);
    note->key_id[0] = '\0';
    note->accepts = ANSWER_UNKNOWN;
    note->added_at = 0;
    save(actor);
}

bool entra_take_back(struct actor *actor) {
    struct looker *looker = actor->looker;
    const struct entra_port *entra = &looker->ports->entra;
    struct entra_own own[ENTRA_OWN_MOST];
    struct error err = {0};
    size_t count = 0;
    bool tried = false;

    if (!entra->own(entra->context, own, &count, &err)) {
        strings_add(looker->troubles, "%s", err.text);
        return false;
    }
    for (size_t i = 0; i < looker->history->entra.count; i++) {
        char by[THUMBPRINT_SIZE];
        struct tenant tenant = looker->history->entra.items[i].tenant;
        char thumbprint[THUMBPRINT_SIZE];

        memcpy(thumbprint, looker->history->entra.items[i].thumbprint, THUMBPRINT_SIZE);
        if (is_left_over(actor, &looker->history->entra.items[i], own, count) &&
            find_prover(actor, &tenant, thumbprint, by)) {
            take_back(actor, entra_notes_find(&looker->history->entra, &tenant, thumbprint), by);
            tried = true;
        }
    }
    return tried;
}
