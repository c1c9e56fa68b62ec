#include "tests/notify/sample.h"

#include <string.h>

const struct speaker sample_speaker = {.host = "agent.contoso.test",
                                       .version = "0.1.0",
                                       .run_id = "1795226400-00112233aabbccdd",
                                       .config = "/etc/authcert/contoso.conf"};

void sample_slot(struct sample *sample, enum slot slot, time_t end) {
    static const char *const thumbprints[SLOT_COUNT] = {SAMPLE_CURRENT, SAMPLE_PREVIOUS, SAMPLE_NEXT};

    memcpy(sample->facts.slots.thumbprint[slot], thumbprints[slot], THUMBPRINT_SIZE);
    sample->certificates[slot] = (struct certificate){.not_before = end - 1826 * SAMPLE_DAY, .not_after = end};
    memcpy(sample->certificates[slot].thumbprint, thumbprints[slot], THUMBPRINT_SIZE);
    sample->facts.slot[slot].certificate = end != 0 ? &sample->certificates[slot] : NULL;
    sample->facts.slot[slot].source = end != 0 ? SOURCE_STORE : SOURCE_UNKNOWN;
}

void sample_server(struct sample *sample, const char *name, enum presence current, enum presence next) {
    size_t i = sample->facts.server_count++;

    memcpy(sample->names[i], name, strnlen(name, sizeof sample->names[i] - 1) + 1);
    sample->servers[i] = (struct server_facts){.fqdn = sample->names[i], .site = "", .version = "", .counted = true};
    sample->servers[i].presence[SLOT_CURRENT] = current;
    sample->servers[i].presence[SLOT_NEXT] = next;
}

void sample_due(struct sample *sample, enum due_what what, time_t at) {
    struct decision *decision = &sample->report.decision;

    decision->due[decision->due_count++] = (struct due){.what = what, .at = at};
}

void sample_decide(struct sample *sample, enum row row, enum act act, enum block by, enum status status) {
    sample->report.decision.row = row;
    sample->report.decision.act = act;
    sample->report.decision.blocked = by;
    sample->report.decision.status = status;
    sample->report.decision.date = 0;
    sample->report.decision.due_count = 0;
    remarks_free(&sample->report.reasons);
}

void sample_did(struct sample *sample, enum act act, const char *thumbprint, bool ok, const char *detail) {
    struct done *done = &sample->done[sample->report.done_count++];

    *done = (struct done){.act = act, .ok = ok, .detail = (char *)detail};
    memcpy(done->thumbprint, thumbprint, strnlen(thumbprint, THUMBPRINT_LENGTH) + 1);
    sample->report.done = sample->done;
}

void sample_make(struct sample *sample) {
    static char organization[] = "Contoso";
    static char uri[] = "ldaps://dc1.contoso.test";
    static char summary[] = "the current certificate ends on 2026-12-12, in 21 days; due now: stage, held back by mode";
    static char by_itself[] = "nothing: with mode = monitor authcert only watches and tells";
    static char command[] = "authcert renew";
    static char unblock[] = "mode = monitor in [policy]: authcert only watches.";

    memset(sample, 0, sizeof *sample);
    sample->facts.read = true;
    sample->facts.organization = organization;
    sample->facts.directory.uri = uri;
    sample->facts.servers = sample->servers;
    sample->facts.servers_read = ANSWER_YES;
    sample->facts.hybrid = ANSWER_NO;
    sample->report = (struct report){.checked_at = SAMPLE_NOW, .facts = &sample->facts, .policy = &sample->policy};
    sample->report.briefing = (struct briefing){.by_itself = by_itself, .command = command};
    sample_slot(sample, SLOT_CURRENT, SAMPLE_NOW + 21 * SAMPLE_DAY);
    sample_server(sample, "ex1.contoso.test", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample_server(sample, "ex2.contoso.test", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample_server(sample, "ex3.contoso.test", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample->report.decision = (struct decision){.row = ROW_STAGE,
                                                .act = ACT_STAGE,
                                                .blocked = BLOCK_MODE,
                                                .status = STATUS_WARNING,
                                                .date = SAMPLE_NOW + 14 * SAMPLE_DAY};
    sample->report.briefing.wrong = summary;
    sample->report.how_to_unblock = unblock;
    remarks_add(&sample->report.reasons, "test", "Current is near its end and nothing is staged to follow it.");
    sample_due(sample, DUE_STAGE, SAMPLE_NOW);
    sample_due(sample, DUE_WARN, SAMPLE_NOW + 7 * SAMPLE_DAY);
    sample_due(sample, DUE_EXPIRE, SAMPLE_NOW + 21 * SAMPLE_DAY);
}

void sample_free(struct sample *sample) {
    remarks_free(&sample->report.reasons);
    remarks_free(&sample->facts.remarks);
    for (int i = 0; i < SLOT_COUNT; i++)
        strings_free(&sample->report.problems[i]);
}
