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

/* Anybody can name an object by a thumbprint; its bytes are what only those have who saw the certificate. */
static bool counts(const struct record_facts *record) {
    return record != NULL && record->marked && record->certificate != NULL;
}

/* One remark, however often a look applies what is known. */
static void remark_foreign(const struct history *history, struct facts *facts) {
    const char *thumbprint = facts->candidate.thumbprint;
    const struct record_facts *record = facts_record(facts, thumbprint);

    for (size_t i = 0; record != NULL && i < record->holders.count; i++) {
        const struct delivery_note *note = deliveries_find(&history->deliveries, thumbprint, record->holders.items[i]);
        struct text text = {0};

        if (note != NULL && note->present)
            continue;
        facts->record_foreign = true;
        text_format(&text,
                    "ATTENTION: the directory has a record of %s, a key pair that was made here and is not staged yet, "
                    "and it claims that %s has it, which this agent does not know. It does not count. Find out who "
                    "wrote it (%s): whoever may create objects there tries to have it staged undelivered.",
                    thumbprint, record->holders.items[i],
                    facts->directory.records_dn != NULL ? facts->directory.records_dn : "CN=authcert,CN=Services");
        if (text.failed || !remarks_contain(&facts->remarks, text.value))
            remarks_add(&facts->remarks, "record-foreign", "%s",
                        text.failed ? "The directory has a foreign record." : text.value);
        text_free(&text);
        return;
    }
}

void recorded_apply(const struct history *history, struct facts *facts) {
    if (facts->record_count == 0)
        return;
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct record_facts *record = facts_record(facts, facts->slots.thumbprint[slot]);

        for (size_t i = 0; counts(record) && i < facts->server_count; i++) {
            struct server_facts *server = &facts->servers[i];

            if (server->counted && server->reached == ANSWER_UNKNOWN && server->presence[slot] == PRESENCE_UNKNOWN &&
                holds(record, server->fqdn))
                server->presence[slot] = PRESENCE_PRESENT;
        }
    }
    if (facts->candidate.thumbprint[0] != '\0')
        remark_foreign(history, facts);
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
    if (remark == NULL || !remarks_contain(&facts->remarks, remark))
        remarks_add(&facts->remarks, "record-unsealed", "%s", remark != NULL ? remark : why->text);
    free(remark);
}

void recorded_keep(const struct record_port *records, const struct history *history, struct facts *facts,
                   const struct certificate *certificate) {
    const struct record_facts *record = facts_record(facts, certificate->thumbprint);
    struct strings holders = {0};
    struct record_change change = {
        .certificate = certificate, .holders = &holders, .exists = record != NULL && record->certificate != NULL};
    enum record_result result = RECORD_DONE;
    struct error err = {0};

    if (records->keep == NULL || facts->records_read == ANSWER_UNKNOWN)
        return;
    list_new(history, record, certificate->thumbprint, &holders);
    change.seal = records->seals && (record == NULL || !records->is_sealed(records->context, record));
    if (record == NULL || holders.count > 0 || change.seal)
        result = records->keep(records->context, facts, &change, &err);
    if (result == RECORD_UNSEALED)
        remark_unsealed(facts, &err);
    else if (result != RECORD_DONE)
        remarks_add(&facts->remarks, "record-unwritten", "The record of %s in the directory was not written: %s",
                    certificate->thumbprint, err.text);
    strings_free(&holders);
}

void recorded_keep_slots(const struct record_port *records, const struct history *history, struct facts *facts) {
    for (int slot = SLOT_CURRENT; facts->read && slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS && facts->slot[slot].key_kept && facts->slot[slot].certificate != NULL)
            recorded_keep(records, history, facts, facts->slot[slot].certificate);
}
