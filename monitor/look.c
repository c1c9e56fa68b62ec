#include "monitor/look.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "monitor/decide.h"
#include "monitor/delivered.h"
#include "monitor/explain.h"
#include "monitor/observe.h"

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

void ports_add_channel(struct run_ports *ports, const struct channel_port *channel) {
    assert(channel->tell == NULL || ports->channel_count < CHANNELS_MOST);
    if (channel->tell != NULL)
        ports->channels[ports->channel_count++] = *channel;
}

struct looker looker_of(const struct run_ports *ports, const struct policy *policy, time_t now, struct history *history,
                        struct facts *facts, struct report *report, struct strings *troubles) {
    return (struct looker){
        .ports = ports,
        .policy = policy,
        .now = now,
        .history = history,
        .facts = facts,
        .report = report,
        .troubles = troubles,
        .actor =
            {
                .writer = &ports->writer,
                .keys = &ports->keys,
                .records = &ports->records,
                .shelf = &ports->shelf,
                .keeper = &ports->keeper,
                .policy = policy,
                .now = now,
                .history = history,
                .facts = facts,
                .report = report,
                .troubles = troubles,
            },
    };
}

/* What the directory says of the last promotion is kept: once next is written, it tells the time of that write. */
static void note_promotion(struct looker *looker) {
    time_t promoted = looker->facts->read ? decide_promoted_at(looker->facts, looker->history) : 0;

    if (!looker->report->decision.clock_wrong && looker->facts->read)
        history_note_pair(looker->history, &looker->facts->slots, promoted != 0 ? promoted : looker->now, looker->now);
}

/* What earlier looks of the same run did and told goes on into the next report. */
static void keep_done(const struct report *before, struct report *after) {
    after->done = before->done;
    after->done_count = before->done_count;
    for (size_t i = 0; i < before->told_count; i++)
        after->told[i] = before->told[i];
    after->told_count = before->told_count;
}

bool look(struct looker *looker, struct error *err) {
    const struct run_ports *ports = looker->ports;
    struct facts *facts = looker->facts;
    struct report before = {.done = looker->report->done, .done_count = looker->report->done_count};
    struct error failure = {0};

    for (size_t i = 0; i < looker->report->told_count; i++)
        before.told[i] = looker->report->told[i];
    before.told_count = looker->report->told_count;
    looker->report->done = NULL;
    looker->report->done_count = 0;
    report_free(looker->report);
    facts_free(facts);

    observe(&ports->directory, &ports->shelf, facts);
    if (look_same_organization(looker->history, facts) && facts->read)
        observe_keep(&ports->shelf, facts, looker->troubles);
    if (facts->read && ports->keys.survey != NULL &&
        !ports->keys.survey(ports->keys.context, looker->policy, looker->now, facts, looker->troubles, &failure))
        strings_add(looker->troubles, "%s", failure.text);
    if (facts->read)
        delivered_apply(looker->history, looker->policy, &looker->actor.tried, facts);
    if (!explain(facts, looker->history, looker->policy, looker->now, looker->report, err)) {
        *looker->report = (struct report){0};
        report_free(&before);
        facts_free(facts);
        return false;
    }
    keep_done(&before, looker->report);
    note_promotion(looker);
    return true;
}

void looker_end(struct looker *looker) {
    strings_free(&looker->actor.tried);
}
