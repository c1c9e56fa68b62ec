#include "monitor/look/look.h"

#include <string.h>
#include <strings.h>

#include "monitor/decide/promoted.h"
#include "monitor/look/delivered.h"
#include "monitor/decide/explain.h"
#include "monitor/look/observe.h"
#include "monitor/look/probed.h"
#include "monitor/look/proved.h"
#include "monitor/look/replication.h"
#include "monitor/look/tenants.h"

bool look_same_organization(const struct history *history, struct facts *facts) {
    if (!facts->read || history->organization_dn == NULL ||
        strcasecmp(history->organization_dn, facts->directory.dn) == 0)
        return true;
    error_set(&facts->unreadable, ERROR_CONFIG,
              "the state folder belongs to another organization: it was made for %s, and the directory shows %s; give "
              "each organization a configuration file with a state folder of its own ([state] directory)",
              history->organization_dn, facts->directory.dn);
    facts->read = false;
    return false;
}

/* What the directory says of the last promotion is kept: once next is written, it tells the time of that write. */
static void note_promotion(struct looker *looker) {
    time_t promoted = looker->facts->read ? promoted_at(looker->facts, looker->history) : 0;

    if (looker->report->decision.clock_wrong || !looker->facts->read)
        return;
    /* Both at once: after this look nothing tells any more what was previous and may not come back. */
    deliveries_forget(&looker->history->deliveries, looker->facts);
    pair_note(&looker->history->pair, &looker->facts->slots, promoted != 0 ? promoted : looker->now, looker->now);
}

/* What earlier looks of the same run did and told goes on into the next report. */
static void take_done(struct report *before, struct report *ret_report) {
    ret_report->done = before->done;
    ret_report->done_count = before->done_count;
    memcpy(ret_report->told, before->told, sizeof(before->told));
    ret_report->told_count = before->told_count;
    before->done = NULL;
    before->done_count = 0;
}

/* Where nobody could be asked the run goes on without, and every look of it says so. */
static void ask_servers(struct looker *looker) {
    if (!looker->asked && !probed_ask(&looker->ports->servers, &looker->ports->progress, looker->facts, &looker->probed,
                                      &looker->unasked))
        strings_add(looker->troubles, "the Exchange servers could not be asked: %s", looker->unasked.text);
    looker->asked = true;
    if (looker->unasked.kind != ERROR_NONE)
        remarks_add(&looker->facts->remarks, "servers-not-asked", "The Exchange servers could not be asked: %s",
                    looker->unasked.text);
}

/* Certificates that servers are known to have. One last seen as previous has had its time, perhaps as its key was seen
 * by others: whoever cleared it meant that. */
static void list_delivered(const struct history *history, struct strings *delivered) {
    for (size_t i = 0; i < history->deliveries.count; i++) {
        const struct delivery_note *note = &history->deliveries.items[i];

        if (note->present && strcmp(note->thumbprint, history->pair.previous) != 0 &&
            !strings_contain(delivered, note->thumbprint))
            strings_add(delivered, "%s", note->thumbprint);
    }
}

static void survey_keys(struct looker *looker) {
    const struct keys_port *keys = &looker->ports->keys;
    struct strings delivered = {0};
    struct error failure = {0};

    list_delivered(looker->history, &delivered);
    if (keys->survey != NULL && !keys->survey(keys->context, looker->policy, &delivered, looker->now, looker->facts,
                                              looker->troubles, &failure))
        strings_add(looker->troubles, "%s", failure.text);
    strings_free(&delivered);
}

/* Puts together what is known beside the directory: the servers' answers, our keys, the deliveries. */
static void look_around(struct looker *looker) {
    const struct run_ports *ports = looker->ports;
    struct facts *facts = looker->facts;

    facts->asked = ports->servers.ask != NULL || ports->windows.look != NULL;
    ask_servers(looker);
    probed_fill(&looker->probed, facts);
    observe_keep(&ports->shelf, facts, looker->troubles);
    survey_keys(looker);
    tenants_look(looker);
    probed_judge(&looker->probed, looker->history, looker->now, facts);
    proved_ask(looker);
    proved_remember(looker);
    proved_apply(&looker->proofs, facts);
    silence_apply(&looker->history->silence, looker->now, facts);
    delivered_apply(looker->history, looker->policy, &looker->tried, looker->now, facts);
}

/* Before some acts the other domain controllers are read, and may hold the act back. */
static bool ask_others(struct looker *looker, struct error *err) {
    if (looker->ports->writer.write == NULL || !replication_matters(&looker->report->decision))
        return true;
    replication_ask(looker);
    if (!looker->facts->compared || looker->facts->controller_count == 0)
        return true;
    report_free(looker->report);
    *looker->report = (struct report){0};
    return explain_report(looker->facts, looker->history, looker->policy, looker->now, looker->report, err);
}

bool look_round(struct looker *looker, struct error *err) {
    const struct run_ports *ports = looker->ports;
    struct facts *facts = looker->facts;
    struct report before = {0};
    bool ok;

    take_done(looker->report, &before);
    report_free(looker->report);
    *looker->report = (struct report){0};
    facts_free(facts);

    observe_slots(&ports->directory, &ports->shelf, &ports->progress, facts);
    if (look_same_organization(looker->history, facts) && facts->read)
        look_around(looker);
    ok = explain_report(facts, looker->history, looker->policy, looker->now, looker->report, err) &&
         ask_others(looker, err);
    if (!ok) {
        report_free(&before);
        facts_free(facts);
        return false;
    }
    take_done(&before, looker->report);
    note_promotion(looker);
    return true;
}
