#include "monitor/look/recorded.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool holds(const struct record_facts *record, const char *fqdn) {
    for (size_t i = 0; record != NULL && i < record->holders.count; i++)
        if (strcasecmp(record->holders.items[i], fqdn) == 0)
            return true;
    return false;
}

static void apply_to(const struct record_facts *record, const struct server_facts *server, enum presence *presence) {
    if (server->counted && (*presence == PRESENCE_UNKNOWN || *presence == PRESENCE_UNREACHABLE) &&
        holds(record, server->fqdn))
        *presence = PRESENCE_PRESENT;
}

void recorded_apply(struct facts *facts) {
    const struct record_facts *of[SLOT_COUNT], *of_candidate = facts_record(facts, facts->candidate.thumbprint);

    if (facts->record_count == 0)
        return;
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        of[slot] = facts_record(facts, facts->slots.thumbprint[slot]);
    for (size_t i = 0; i < facts->server_count; i++) {
        struct server_facts *server = &facts->servers[i];

        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            apply_to(of[slot], server, &server->presence[slot]);
        apply_to(of_candidate, server, &server->candidate);
    }
}

/* The servers that the history knows to hold it and the record does not. */
static void list_new(const struct history *history, const struct record_facts *record, const char *thumbprint,
                     struct strings *holders) {
    for (size_t i = 0; i < history->deliveries.count; i++) {
        const struct delivery_note *note = &history->deliveries.items[i];

        if (note->present && strcmp(note->thumbprint, thumbprint) == 0 && text_is_server_name(note->fqdn) &&
            !holds(record, note->fqdn))
            strings_add(holders, "%s", note->fqdn);
    }
}

/* What keeps one pair out keeps the others out mostly: once is enough. */
static void remark_unsealed(struct facts *facts, const struct error *why) {
    struct text text = {0};
    char *remark;

    text_format(&text, "The key pair sealed to the recovery key was not added to the directory: %s", why->text);
    remark = text_take(&text);
    if (remark == NULL || !strings_contain(&facts->remarks, remark))
        strings_add(&facts->remarks, "%s", remark != NULL ? remark : why->text);
    free(remark);
}

void recorded_keep(const struct record_port *records, const struct history *history, struct facts *facts,
                   const struct certificate *certificate) {
    const struct record_facts *record = facts_record(facts, certificate->thumbprint);
    struct strings holders = {0};
    struct record_change change = {.certificate = certificate, .holders = &holders, .exists = record != NULL};
    enum record_result result = RECORD_DONE;
    struct error err = {0};

    if (records->keep == NULL || facts->records_read == ANSWER_UNKNOWN)
        return;
    list_new(history, record, certificate->thumbprint, &holders);
    change.seal = records->seals && (record == NULL || !record->sealed);
    if (record == NULL || holders.count > 0 || change.seal)
        result = records->keep(records->context, facts, &change, &err);
    if (result == RECORD_UNSEALED)
        remark_unsealed(facts, &err);
    else if (result != RECORD_DONE)
        strings_add(&facts->remarks, "The record of %s in the directory was not written: %s", certificate->thumbprint,
                    err.text);
    strings_free(&holders);
}

void recorded_keep_slots(const struct record_port *records, const struct history *history, struct facts *facts) {
    for (int slot = SLOT_CURRENT; facts->read && slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS && facts->slot[slot].key_kept && facts->slot[slot].certificate != NULL)
            recorded_keep(records, history, facts, facts->slot[slot].certificate);
}
