#include "notify/words/entra/entra.h"

#include "base/time.h"

const char *entra_thumbprint(const struct report *report) {
    return report->decision.act == ACT_STAGE ? report->facts->candidate.thumbprint
                                             : report->facts->slots.thumbprint[SLOT_NEXT];
}

const struct tenant_key *entra_key(const struct report *report, const struct tenant_facts *tenant) {
    return report->decision.act == ACT_STAGE ? &tenant->candidate : &tenant->slot[SLOT_NEXT];
}

void entra_add_name(struct text *out, const struct tenant *tenant) {
    text_format(out, "application %s in tenant %s",
                tenant->application[0] != '\0' ? tenant->application : "(the directory names none that is one)",
                tenant->id[0] != '\0' ? tenant->id : "(the directory names none that is one)");
}

void entra_add_state(struct text *out, const struct facts *facts, const struct tenant_facts *tenant) {
    const char *between = " accepts the key of ";

    text_format(out, "tenant %s", tenant->tenant.id[0] != '\0' ? tenant->tenant.id : "unknown");
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct tenant_key *key = &tenant->slot[slot];

        if (slot == SLOT_PREVIOUS || facts->slots.thumbprint[slot][0] == '\0')
            continue;
        text_format(out, "%s%s: %s%s", between, slot_name((enum slot)slot),
                    key->not_yet ? "not yet" : answer_name(key->accepts), key->by[0] != '\0' ? " (vouched)" : "");
        between = ", of ";
    }
}

/* "it says: ..." for whatever Entra answered, and why we could not give it the key. */
static void add_said(struct text *out, const struct tenant_key *key) {
    if (key->said[0] != '\0')
        text_format(out, ": %s", key->said);
    if (key->refused[0] != '\0')
        text_format(out, "; authcert could not give it the key: %s", key->refused);
}

void entra_add_obstacle(struct text *out, const struct report *report) {
    const struct facts *facts = report->facts;
    const char *thumbprint = entra_thumbprint(report);
    bool first = true;

    if (facts->tenant_count == 0)
        text_add(out, "no tenant of Entra is seen any more; see authcert entra status.");

    for (size_t i = 0; i < facts->tenant_count; i++) {
        const struct tenant *tenant = &facts->tenants[i].tenant;
        const struct tenant_key *key = entra_key(report, &facts->tenants[i]);

        if (key->accepts == ANSWER_YES)
            continue;
        text_add(out, first ? "" : " ");
        first = false;
        if (key->not_yet)
            text_add(out, "Entra was given the new key and does not accept it yet, which takes minutes to hours, for ");
        else if (key->accepts == ANSWER_NO)
            text_add(out, "Entra does not have the new key for ");
        else
            text_add(out, "whether Entra accepts the new key is not known for ");
        entra_add_name(out, tenant);
        if (!key->not_yet)
            add_said(out, key);
        text_add(out, ".");
        if (tenant->id[0] != '\0' && !key->not_yet)
            text_format(
                out,
                " Upload the certificate %s, without its key, to that application once (docs/hybrid.md says "
                "how); authcert goes on in the night in which Entra accepts it. Where it cannot be asked, vouch "
                "for it: authcert entra confirm %s.",
                thumbprint, tenant->id);
    }
}

static void add_trouble(const struct tenant_facts *tenant, enum slot slot, const char *thumbprint,
                        struct remarks *out) {
    const struct tenant_key *key = &tenant->slot[slot];
    struct text text = {0};
    char at[TIME_TEXT_SIZE];

    if (key->accepts == ANSWER_NO && !key->not_yet)
        text_format(&text, "Entra does not have the key of the %s certificate %s for ", slot_name(slot), thumbprint);
    else if (key->silent > 0)
        text_format(&text, "On %d %s in a row Entra did not say whether it accepts the key of the %s certificate for ",
                    key->silent, key->silent == 1 ? "date" : "dates", slot_name(slot));
    else
        return;
    entra_add_name(&text, &tenant->tenant);
    add_said(&text, key);
    if (key->asked_at != 0)
        text_format(&text, " (asked at %s)", time_format_rfc3339(at, key->asked_at));
    remarks_add(out, key->accepts == ANSWER_NO ? "entra-lacks" : "entra-silent", "%s.",
                text.failed ? "Entra lacks a key" : text.value);
    text_free(&text);
}

void entra_add_troubles(const struct facts *facts, const struct policy *policy, struct remarks *out) {
    for (size_t i = 0; i < facts->tenant_count && policy->entra != ENTRA_OFF; i++)
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            if (slot != SLOT_PREVIOUS && facts->slots.thumbprint[slot][0] != '\0')
                add_trouble(&facts->tenants[i], (enum slot)slot, facts->slots.thumbprint[slot], out);
}
