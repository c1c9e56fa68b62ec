#include "monitor/run/run.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "monitor/act/act.h"
#include "monitor/act/begun_write.h"
#include "monitor/act/refresh.h"
#include "monitor/act/see_to_entra.h"
#include "monitor/decide/rehearsed.h"
#include "monitor/run/channels.h"
#include "monitor/run/exit.h"
#include "monitor/run/finish.h"
#include "monitor/look/look.h"
#include "monitor/look/recorded.h"
#include "monitor/look/replication.h"
#include "monitor/run/watch.h"

/* More looks than any chain of acts needs (mend, withdraw, stage, activate, retire, and a lost race for some). */
#define ROUNDS_MOST 12

/* After a blocked decision servers still get what they lack. */
static bool deliver_beside(struct actor *actor, struct error *err) {
    struct looker *looker = actor->looker;
    const struct decision *decision = &looker->report->decision;

    if (decision->row == ROW_DELIVER || !decision->applies[ROW_DELIVER] || decision->blocked == BLOCK_NONE ||
        decision->blocked == BLOCK_MODE || decision->blocked == BLOCK_CLOCK)
        return true;
    (void)act_deliver_missing(actor);
    return look_round(looker, err);
}

/* Looks and acts until nothing is left, something blocks or waits, or an act did not show in the facts. False only when
 * out of memory. */
static bool act_until_done(struct actor *actor, struct error *err) {
    struct looker *looker = actor->looker;

    for (int round = 0; round < ROUNDS_MOST; round++) {
        const struct decision decision = looker->report->decision;
        const struct slots before = looker->facts->slots;
        enum act_result result;

        if (decision.act == ACT_NONE || decision.blocked != BLOCK_NONE)
            break;
        result = act_decided(actor);
        if (!look_round(looker, err))
            return false;
        if (result == ACT_RESULT_LOST && actor_was_refused(actor))
            break;
        if (result == ACT_RESULT_DONE && decision.act != ACT_DELIVER && looker->facts->read &&
            slots_same(&before, &looker->facts->slots)) {
            actor_note(actor, decision.act, actor->about, false,
                       "it was written, but the directory does not show it; the next run looks again");
            break;
        }
        if (result == ACT_RESULT_FAILED || result == ACT_RESULT_WAITS || result == ACT_RESULT_SHOWN)
            break;
    }
    return deliver_beside(actor, err);
}

/* After something became current. */
static bool refresh(struct actor *actor, struct error *err) {
    if (!refresh_is_due(actor->looker))
        return true;
    (void)refresh_servers(actor, NULL);
    return look_round(actor->looker, err);
}

/* Key pairs that nothing can need any more go, by the rule of monitor/act/kept_keys.h. False when the history has no
 * room.
 */
static bool prune(struct looker *looker, struct error *err) {
    const struct keys_port *keys = &looker->ports->keys;
    struct strings removed = {0};
    struct error failure = {0};
    bool ok = true;

    if (keys->prune == NULL || !looker->facts->read)
        return true;
    if (!keys->prune(keys->context, looker->facts, looker->report->decision.clock_wrong, looker->now, &removed,
                     &failure))
        strings_add(looker->troubles, "%s", failure.text);
    for (size_t i = 0; i < removed.count && ok; i++) {
        char text[THUMBPRINT_SIZE + 128];

        snprintf(text, sizeof(text), "prune %s done: it is in no slot, and its certificate ended over 30 days ago",
                 removed.items[i]);
        ok = history_add(looker->history, looker->now, "done", text, err);
    }
    strings_free(&removed);
    return ok;
}

/* Once a month, by day so to speak: what would lack in the emergency is found while there is time. */
static bool rehearse(struct looker *looker, struct error *err) {
    const struct drill_port *drill = &looker->ports->drill;
    struct rehearsed *rehearsed = &looker->history->rehearsed;
    struct strings lacking = {0};
    struct text text = {0};
    bool ok;

    if (drill->rehearse == NULL || !rehearsed_is_due(looker->facts, looker->history, looker->policy, looker->now))
        return true;
    progress_begin(&looker->ports->progress, "rehearsing the emergency");
    ok = drill->rehearse(drill->context, looker->facts, looker->history, &lacking, err);
    progress_end(&looker->ports->progress);
    if (!ok) {
        strings_free(&lacking);
        return false;
    }
    strings_free(&rehearsed->lacking);
    *rehearsed = (struct rehearsed){
        .at = looker->now, .passed_at = lacking.count == 0 ? looker->now : rehearsed->passed_at, .lacking = lacking};
    rehearsed_add(&text, rehearsed);
    ok = text.failed ? error_memory(err) : history_add(looker->history, looker->now, "seen", text.value, err);
    if (ok && lacking.count > 0)
        strings_add(looker->troubles, "%s", text.value);
    text_free(&text);
    return ok;
}

static bool failed_any(const struct report *report) {
    for (size_t i = 0; i < report->done_count; i++)
        if (!report->done[i].ok)
            return true;
    return false;
}

bool run_pass(const struct run_ports *ports, const struct policy *policy, time_t now, struct history *history,
              struct facts *ret_facts, struct report *ret_report, struct strings *troubles, int *ret_exit,
              struct error *err) {
    struct looker looker = looker_of(ports, policy, now, history, ret_facts, ret_report, troubles);
    struct actor actor = {.looker = &looker};
    bool told = true, ok = false, unharmed;
    size_t before;

    *ret_facts = (struct facts){0};
    *ret_report = (struct report){0};
    if (!channels_flush(&looker, &unharmed, err))
        goto out;
    before = troubles->count;
    if (!look_round(&looker, err))
        goto out;
    if (!ret_facts->read && ret_facts->unreadable.kind == ERROR_CONFIG && ret_facts->directory.dn != NULL) {
        *ret_exit = EXIT_USAGE;
        ok = true;
        goto out;
    }
    begun_write_recollect(&actor);
    /* So far every trouble is one of this host: bytes that could not be kept. */
    unharmed = unharmed && troubles->count == before;
    if (policy->mode == MODE_RENEW && ports->writer.write != NULL &&
        (!act_until_done(&actor, err) || !refresh(&actor, err) || !see_to_entra(&actor, err) || !prune(&looker, err)))
        goto out;
    recorded_keep_slots(&ports->records, history, ret_facts);
    if (ports->writer.write != NULL && !replication_confirm(&looker, err))
        goto out;
    if (!rehearse(&looker, err))
        goto out;
    if (ports->watch != NULL && !watch_look(ports->watch, &looker, err))
        goto out;
    if (!finish_run(&looker, &told, err))
        goto out;
    if (!ret_facts->read)
        *ret_exit = EXIT_UNREADABLE;
    else
        *ret_exit = told && unharmed && !failed_any(ret_report) ? EXIT_DONE : EXIT_FAILED;
    ok = true;
out:
    looker_end(&looker);
    if (!ok)
        report_free(ret_report);
    return ok;
}
