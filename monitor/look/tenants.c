#include "monitor/look/tenants.h"

#include <stdio.h>
#include <string.h>

static void fill(const struct looker *looker, const struct tenant *tenant, const char *thumbprint,
                 struct tenant_key *ret) {
    const struct entra_note *note = entra_notes_find(&looker->history->entra, tenant, thumbprint);
    const bool asks = looker->ports->entra.ask != NULL;

    *ret = (struct tenant_key){0};
    if (thumbprint[0] == '\0' || note == NULL)
        return;
    *ret = (struct tenant_key){
        .accepts = note->accepts,
        .asked_at = note->asked_at,
        .asked = asks ? strings_contain(&looker->entra_asked, thumbprint) : note->asked_at != 0,
        .not_yet = note->accepts == ANSWER_NO && entra_note_spreads(note, note->asked_at),
        .silent = note->silent,
    };
    memcpy(ret->said, note->said, sizeof(ret->said));
    memcpy(ret->refused, note->refused, sizeof(ret->refused));
    memcpy(ret->by, note->by, sizeof(ret->by));
}

void tenants_apply(struct looker *looker) {
    struct facts *facts = looker->facts;
    const struct entra_port *entra = &looker->ports->entra;

    for (size_t i = 0; i < facts->tenant_count; i++) {
        struct tenant_facts *tenant = &facts->tenants[i];

        tenant->object_known = entra->knows_object != NULL && entra->knows_object(entra->context, &tenant->tenant);
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            fill(looker, &tenant->tenant, facts->slots.thumbprint[slot], &tenant->slot[slot]);
        fill(looker, &tenant->tenant, facts->candidate.thumbprint, &tenant->candidate);
    }
}

/* Notes what each wanted tenant said; where the key could not be used, that. */
static void take(struct looker *looker, const char *thumbprint, const bool *wanted,
                 const struct entra_verdict *verdicts) {
    for (size_t i = 0; i < looker->facts->tenant_count; i++) {
        struct entra_note *note =
            wanted[i] ? entra_notes_have(&looker->history->entra, &looker->facts->tenants[i].tenant, thumbprint) : NULL;

        if (note != NULL)
            entra_note_said(note, &verdicts[i], looker->now);
        else if (wanted[i])
            strings_add(looker->troubles, "out of memory: what Entra said is not remembered");
    }
}

static void ask(struct looker *looker, const char *thumbprint, const bool *wanted) {
    const struct entra_port *entra = &looker->ports->entra;
    struct entra_verdict verdicts[TENANTS_MOST] = {0};
    struct error err = {0};
    bool asked;

    strings_add(&looker->entra_asked, "%s", thumbprint);
    progress_begin(&looker->ports->progress, "asking Entra about %s", thumbprint);
    asked = entra->ask(entra->context, thumbprint, looker->facts->tenants, wanted, looker->facts->tenant_count,
                       verdicts, &err);
    progress_end(&looker->ports->progress);
    for (size_t i = 0; i < TENANTS_MOST && !asked; i++)
        (void)text_printable(verdicts[i].said, sizeof(verdicts[i].said), err.text, strlen(err.text));
    take(looker, thumbprint, wanted, verdicts);
}

bool tenants_ask(struct looker *looker, const char *thumbprint) {
    const struct facts *facts = looker->facts;
    bool wanted[TENANTS_MOST] = {false}, any = false, all = true;

    for (size_t i = 0; i < facts->tenant_count; i++) {
        const struct entra_note *note =
            entra_notes_find(&looker->history->entra, &facts->tenants[i].tenant, thumbprint);

        wanted[i] = note == NULL || note->asked_at != looker->now || note->accepts != ANSWER_YES;
        any = any || wanted[i];
    }
    if (any && looker->ports->entra.ask != NULL)
        ask(looker, thumbprint, wanted);
    for (size_t i = 0; i < facts->tenant_count; i++) {
        const struct entra_note *note =
            entra_notes_find(&looker->history->entra, &facts->tenants[i].tenant, thumbprint);

        all = all && note != NULL && note->accepts == ANSWER_YES;
    }
    tenants_apply(looker);
    return all;
}

/* Next waits, so it is asked about in each run; current is used already. */
static bool is_time(const struct looker *looker, const struct tenant *tenant, const char *thumbprint, enum slot slot) {
    const struct entra_note *note = entra_notes_find(&looker->history->entra, tenant, thumbprint);

    return slot == SLOT_NEXT || note == NULL || note->accepts != ANSWER_YES || note->silent > 0 ||
           looker->now - note->asked_at >= TENANTS_CURRENT_EVERY || looker->now < note->asked_at;
}

static void ask_slot(struct looker *looker, enum slot slot) {
    const struct facts *facts = looker->facts;
    const char *thumbprint = facts->slots.thumbprint[slot];
    bool wanted[TENANTS_MOST] = {false}, any = false;

    if (thumbprint[0] == '\0' || !facts->slot[slot].key_kept || strings_contain(&looker->entra_asked, thumbprint))
        return;
    for (size_t i = 0; i < facts->tenant_count; i++) {
        wanted[i] = is_time(looker, &facts->tenants[i].tenant, thumbprint, slot);
        any = any || wanted[i];
    }
    if (any)
        ask(looker, thumbprint, wanted);
}

void tenants_look(struct looker *looker) {
    struct entra_own own[ENTRA_OWN_MOST];
    const struct entra_port *entra = &looker->ports->entra;
    struct strings kept = {0};
    struct error err = {0};
    size_t count = 0;

    if (looker->policy->entra == ENTRA_OFF)
        return;
    if (entra->own != NULL && !entra->own(entra->context, own, &count, &err)) {
        strings_add(looker->troubles, "%s", err.text);
    } else {
        for (size_t i = 0; i < count; i++)
            strings_add(&kept, "%s", own[i].thumbprint);
        if (!kept.failed)
            entra_notes_look(&looker->history->entra, looker->facts, &kept, looker->now);
        strings_free(&kept);
    }
    if (entra->ask != NULL && looker->facts->tenant_count > 0) {
        ask_slot(looker, SLOT_NEXT);
        ask_slot(looker, SLOT_CURRENT);
    }
    tenants_apply(looker);
}
