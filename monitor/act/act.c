#include "monitor/act/act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "monitor/act/begun_write.h"
#include "monitor/act/entra.h"
#include "monitor/look/delivered.h"
#include "monitor/look/proved.h"
#include "monitor/look/recorded.h"
#include "notify/words/obstacle.h"
#include "renew/plan.h"

#define SAID_MOST 20 /* lines of one delivery that the history takes */

/* An emergency does not wait for the one writer, but says so. */
static void say_where(const struct directory_facts *directory, struct text *text) {
    text_format(text, "written at %s", directory->uri);
    if (directory->writer_down)
        text_format(text, ", for the domain controller that all agents write to%s%s did not answer",
                    directory->writer != NULL ? ", " : "", directory->writer != NULL ? directory->writer : "");
}

/* Of a certificate that became current it is said when the servers will follow. */
static void say_who_follows(const struct facts *facts, const char *thumbprint, struct text *text) {
    size_t serving = 0;

    for (size_t i = 0; i < facts->server_count; i++)
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            serving += facts->servers[i].counted && facts->servers[i].serves[slot] &&
                       strcmp(facts->slots.thumbprint[slot], thumbprint) == 0;
    text_format(text,
                "; %zu of %zu servers serve it already, and Exchange needs up to 12.5 hours until all do (at once on a "
                "server by restarting MSExchangeServiceHost and recycling MSExchangeOWAAppPool and "
                "MSExchangeECPAppPool); later runs tell which do",
                serving, facts_counted(facts));
}

static void note_written(struct actor *actor, enum act act, const char *thumbprint) {
    struct text text = {0};

    say_where(&actor->looker->facts->directory, &text);
    if ((act == ACT_ACTIVATE || act == ACT_REPLACE) && actor->looker->facts->probed)
        say_who_follows(actor->looker->facts, thumbprint, &text);
    actor_note(actor, act, thumbprint, true, "%s", text.failed ? "written" : text.value);
    text_free(&text);
}

/* Is it an emergency's write: another certificate becomes current in the place of one that could not be used? */
static bool mends_current(const struct looker *looker, enum act act) {
    return act == ACT_REPLACE ||
           (act == ACT_ACTIVATE && (looker->facts->slots.malformed != 0 ||
                                    facts_slot_state(looker->facts, SLOT_CURRENT, looker->now) != SLOT_USABLE));
}

enum act_result act_write(struct actor *actor, enum act act, const char *thumbprint, const struct desired *desired) {
    struct change change;
    struct error err = {0};
    enum write_result result;

    if (!plan_change(actor->looker->facts, desired, &change, &err)) {
        actor_note(actor, act, thumbprint, false, "%s", err.text);
        return ACT_RESULT_FAILED;
    }
    if (change_is_empty(&change))
        return ACT_RESULT_LOST;
    snprintf(actor->about, sizeof(actor->about), "%s", thumbprint);
    actor->lost = false;
    actor->tried = act;
    actor->seen = actor->looker->facts->slots;
    if (mends_current(actor->looker, act))
        emergency_write(&actor->looker->history->emergency, thumbprint, actor->looker->now);
    begun_write_note(actor, act, thumbprint, desired);
    progress_begin(&actor->looker->ports->progress, "writing to %s", actor->looker->facts->directory.uri);
    result =
        actor->looker->ports->writer.write(actor->looker->ports->writer.context, actor->looker->facts, &change, &err);
    progress_end(&actor->looker->ports->progress);
    switch (result) {
    case WRITE_DONE:
        note_written(actor, act, thumbprint);
        begun_write_done(actor->looker->history);
        return ACT_RESULT_DONE;
    case WRITE_SHOWN:
        return ACT_RESULT_SHOWN;
    case WRITE_LOST:
        begun_write_lost(actor->looker->history);
        actor->lost = true;
        actor->refusal = err;
        if (act == ACT_STAGE || act == ACT_REPLACE)
            strings_add(actor->looker->troubles,
                        "someone else changed the auth configuration at the same moment: looking again; the key pair "
                        "%s is kept as candidate for the next time",
                        thumbprint);
        else
            strings_add(actor->looker->troubles,
                        "someone else changed the auth configuration at the same moment: looking again");
        return ACT_RESULT_LOST;
    case WRITE_FAILED:
        actor_note(actor, act, thumbprint, false, "%s", err.text);
        return ACT_RESULT_FAILED;
    }
    return ACT_RESULT_FAILED;
}

/* Counted servers of which it is not known that they hold the certificate. */
static bool servers_lacking(const struct facts *facts, const enum slot *slot, struct strings *ret_servers) {
    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];
        bool lacks = slot != NULL ? server->presence[*slot] == PRESENCE_MISSING : server->candidate != PRESENCE_PRESENT;

        if (server->counted && lacks)
            strings_add(ret_servers, "%s", server->fqdn);
    }
    return !ret_servers->failed;
}

/* A server's answer of just now counts more than what was known of it. */
static void show_answer(struct facts *facts, enum slot slot, const struct delivered *answer) {
    for (size_t i = 0; i < facts->server_count; i++)
        if ((answer->present || answer->failed) && strcmp(facts->servers[i].fqdn, answer->fqdn) == 0)
            facts->servers[i].presence[slot] = answer->present ? PRESENCE_PRESENT : PRESENCE_MISSING;
}

/* What the command said about each failure stands in the history, where the messages send the reader. */
static void keep_said(struct actor *actor, size_t before) {
    struct error err = {0};

    for (size_t i = before; i < actor->looker->troubles->count && i < before + SAID_MOST; i++)
        if (!history_add(actor->looker->history, actor->looker->now, "trouble", actor->looker->troubles->items[i],
                         &err)) {
            strings_add(actor->looker->troubles, "%s", err.text);
            return;
        }
}

/* The same for the message about the act that was noted last. */
static void show_reasons(struct actor *actor, size_t before) {
    const struct strings *troubles = actor->looker->troubles;
    struct report *report = actor->looker->report;

    for (size_t i = before; report->done_count > 0 && i < troubles->count && i < before + SAID_MOST; i++)
        strings_add(&report->done[report->done_count - 1].said, "%s", troubles->items[i]);
}

/* Runs the command once and keeps the answers. `slot` NULL: for the candidate. */
static bool order(struct actor *actor, const char *thumbprint, const enum slot *slot, enum slot told_slot) {
    struct strings servers = {0};
    struct delivered *answers = NULL;
    size_t count = 0, present = 0, troubles = actor->looker->troubles->count;
    struct error err = {0};
    bool completed = false, run = false;

    strings_add(&actor->looker->tried, "%s", thumbprint);
    if (servers_lacking(actor->looker->facts, slot, &servers) && servers.count == 0) {
        error_set(&err, ERROR_DIRECTORY, "no Exchange server that could take the certificate was seen");
    } else {
        progress_begin(&actor->looker->ports->progress, "delivering %s to %zu server%s", thumbprint, servers.count,
                       servers.count == 1 ? "" : "s");
        run = actor->looker->ports->keys.deliver(actor->looker->ports->keys.context, thumbprint, told_slot, &servers,
                                                 actor->looker->now, &answers, &count, &completed,
                                                 &actor->looker->proofs, actor->looker->troubles, &err);
        progress_end(&actor->looker->ports->progress);
    }
    keep_said(actor, troubles);
    for (size_t i = 0; i < count; i++) {
        if ((answers[i].present || answers[i].failed) &&
            !deliveries_note(&actor->looker->history->deliveries, thumbprint, answers[i].fqdn, answers[i].present,
                             actor->looker->now, &err))
            run = false;
        if (slot != NULL)
            show_answer(actor->looker->facts, *slot, &answers[i]);
        present += answers[i].present;
        free(answers[i].fqdn);
    }
    free(answers);
    actor->interrupted = actor->interrupted || (!run && count > 0);
    if (!run)
        actor_note(actor, ACT_DELIVER, thumbprint, false, "%s", err.text);
    else
        actor_note(actor, ACT_DELIVER, thumbprint, completed && present == servers.count,
                   "present on %zu of %zu servers asked for%s", present, servers.count,
                   completed || actor->looker->policy->method == DELIVERY_BY_WINRM
                       ? ""
                       : "; the delivery command did not do all it was asked for");
    if (!run || !completed || present < servers.count)
        show_reasons(actor, troubles);
    strings_free(&servers);
    proved_apply(&actor->looker->proofs, actor->looker->facts);
    delivered_apply(actor->looker->history, actor->looker->policy, &actor->looker->tried, actor->looker->now,
                    actor->looker->facts);
    return run;
}

static enum act_result wait_for(struct actor *actor, const char *thumbprint) {
    snprintf(actor->about, sizeof(actor->about), "%s", thumbprint);
    return ACT_RESULT_WAITS;
}

enum act_result act_deliver(struct actor *actor, enum slot slot) {
    const char *thumbprint = actor->looker->facts->slots.thumbprint[slot];

    if (actor->looker->policy->method == DELIVERY_BY_HAND)
        return wait_for(actor, thumbprint);
    /* Previous is brought anywhere only to become current. */
    if (strings_contain(&actor->looker->tried, thumbprint) ||
        !order(actor, thumbprint, &slot, slot == SLOT_PREVIOUS ? SLOT_CURRENT : slot))
        return ACT_RESULT_FAILED;
    return facts_count_presence(actor->looker->facts, slot, PRESENCE_MISSING) == 0 ? ACT_RESULT_DONE
                                                                                   : ACT_RESULT_FAILED;
}

/* Who has made a key pair is known even if the next step never comes. */
static void note_made(struct actor *actor, const struct certificate *certificate) {
    const struct keeper_port *keeper = &actor->looker->ports->keeper;
    struct history *history = actor->looker->history;
    char text[THUMBPRINT_SIZE + 64], date[TIME_TEXT_SIZE];
    struct error err = {0};

    snprintf(text, sizeof(text), "%s made on this host, RSA %d, ends %s", certificate->thumbprint,
             actor->looker->policy->key_bits, time_format_date(date, certificate->not_after));
    if (!history_add(history, actor->looker->now, "key", text, &err) ||
        (keeper->save != NULL && !keeper->save(keeper->context, history, &err)))
        strings_add(actor->looker->troubles, "that a key pair was made could not be noted in the history: %s",
                    err.text);
}

/* The candidate, made when there is none. At most one key pair is made in a run. */
static bool have_candidate(struct actor *actor, enum act act) {
    struct candidate_facts *candidate = &actor->looker->facts->candidate;
    struct certificate *certificate = NULL;
    struct error err = {0};
    bool ok;

    if (candidate->thumbprint[0] != '\0')
        return true;
    if (actor->made) {
        actor_note(actor, act, "", false, "this run has made a key pair already; the next run goes on");
        return false;
    }
    actor->made = true;
    progress_begin(&actor->looker->ports->progress, "making a key pair of %d bits", actor->looker->policy->key_bits);
    ok = actor->looker->ports->keys.make(actor->looker->ports->keys.context, actor->looker->policy, actor->looker->now,
                                         &certificate, &err);
    progress_end(&actor->looker->ports->progress);
    if (!ok) {
        actor_note(actor, act, "", false, "no key pair could be made: %s", err.text);
        return false;
    }
    memcpy(candidate->thumbprint, certificate->thumbprint, THUMBPRINT_SIZE);
    candidate->not_after = certificate->not_after;
    candidate->delivery = DELIVERY_UNTRIED;
    note_made(actor, certificate);
    certificate_free(certificate);
    delivered_apply(actor->looker->history, actor->looker->policy, &actor->looker->tried, actor->looker->now,
                    actor->looker->facts);
    return true;
}

/* The candidate is on as many servers as policy wants, or is brought there now. */
static enum act_result bring_candidate(struct actor *actor, enum slot slot) {
    const struct candidate_facts *candidate = &actor->looker->facts->candidate;

    if (candidate->delivery == DELIVERY_ENOUGH)
        return ACT_RESULT_DONE;
    if (actor->looker->policy->method == DELIVERY_BY_HAND)
        return wait_for(actor, candidate->thumbprint);
    /* Whoever interrupts it means all that would come after it as well, even where enough servers have it. */
    if (!strings_contain(&actor->looker->tried, candidate->thumbprint) &&
        !order(actor, candidate->thumbprint, NULL, slot))
        return ACT_RESULT_FAILED;
    return candidate->delivery == DELIVERY_ENOUGH ? ACT_RESULT_DONE : ACT_RESULT_FAILED;
}

/* Nothing goes into the directory whose private key is not safe here and whose certificate Exchange would refuse; its
 * bytes are kept, so the next look knows them. */
static bool prove_candidate(struct actor *actor, enum act act, time_t date) {
    const char *thumbprint = actor->looker->facts->candidate.thumbprint;
    struct certificate *certificate = NULL;
    struct error err = {0};
    bool ok = actor->looker->ports->keys.prove(actor->looker->ports->keys.context, thumbprint, &certificate, &err) &&
              plan_check_certificate(certificate, date, actor->looker->now, &err) &&
              actor->looker->ports->shelf.keep(actor->looker->ports->shelf.context, certificate, &err);

    if (ok)
        recorded_keep(&actor->looker->ports->records, actor->looker->history, actor->looker->facts, certificate);
    else
        actor_note(actor, act, thumbprint, false, "%s", err.text);
    certificate_free(certificate);
    return ok;
}

static void note_no_server(struct actor *actor, enum act act) {
    struct text text = {0};

    obstacle_add_no_server(&text, actor->looker->facts);
    actor_note(actor, act, "", false, "%s", text.failed ? "no Exchange server is known" : text.value);
    text_free(&text);
}

enum act_result act_ready_candidate(struct actor *actor, enum act act, enum slot slot, time_t date) {
    enum act_result result;

    /* A key pair that can be brought nowhere is not made. */
    if (facts_counted(actor->looker->facts) == 0) {
        note_no_server(actor, act);
        return ACT_RESULT_FAILED;
    }
    if (!have_candidate(actor, act))
        return ACT_RESULT_FAILED;
    if (act == ACT_REPLACE)
        emergency_begin(&actor->looker->history->emergency, actor->looker->facts->candidate.thumbprint,
                        actor->looker->now);
    result = bring_candidate(actor, slot);
    if (result != ACT_RESULT_DONE)
        return result;
    return prove_candidate(actor, act, date) ? ACT_RESULT_DONE : ACT_RESULT_FAILED;
}

/* Next becomes current at its date whoever wants it: Entra accepts its key before it is written. */
static enum act_result ready_entra(struct actor *actor, const char *thumbprint) {
    if (entra_give(actor, thumbprint) || actor->typed)
        return ACT_RESULT_DONE;
    return wait_for(actor, thumbprint);
}

enum act_result act_stage(struct actor *actor, time_t date) {
    enum act_result result = act_ready_candidate(actor, ACT_STAGE, SLOT_NEXT, date);
    struct desired desired;

    if (result == ACT_RESULT_DONE)
        result = ready_entra(actor, actor->looker->facts->candidate.thumbprint);
    if (result != ACT_RESULT_DONE)
        return result;
    desired = plan_stage(actor->looker->facts, actor->looker->facts->candidate.thumbprint, date);
    return act_write(actor, ACT_STAGE, actor->looker->facts->candidate.thumbprint, &desired);
}

enum act_result act_replace(struct actor *actor) {
    enum act_result result = act_ready_candidate(actor, ACT_REPLACE, SLOT_CURRENT, actor->looker->now);
    struct desired desired;

    if (result != ACT_RESULT_DONE)
        return result;
    desired = plan_make_current(actor->looker->facts, actor->looker->facts->candidate.thumbprint, actor->looker->now);
    return act_write(actor, ACT_REPLACE, actor->looker->facts->candidate.thumbprint, &desired);
}

enum act_result act_bring(struct actor *actor, enum slot slot) {
    enum act_result result;

    if (facts_held(actor->looker->facts, slot) != ANSWER_NO)
        return ACT_RESULT_DONE;
    result = act_deliver(actor, slot);
    if (!actor->interrupted && facts_held(actor->looker->facts, slot) != ANSWER_NO)
        return ACT_RESULT_DONE;
    return result == ACT_RESULT_DONE ? ACT_RESULT_FAILED : result;
}

enum act_result act_activate(struct actor *actor, enum slot slot) {
    const char *thumbprint = actor->looker->facts->slots.thumbprint[slot];
    enum act_result result = act_bring(actor, slot);
    struct desired desired;

    if (result != ACT_RESULT_DONE)
        return result;
    desired = plan_make_current(actor->looker->facts, thumbprint, actor->looker->now);
    return act_write(actor, ACT_ACTIVATE, thumbprint, &desired);
}

enum act_result act_deliver_missing(struct actor *actor) {
    enum act_result worst = ACT_RESULT_DONE;

    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct slot_facts *found = &actor->looker->facts->slot[slot];
        enum act_result result;

        if (slot == SLOT_PREVIOUS || !found->key_kept ||
            facts_count_presence(actor->looker->facts, (enum slot)slot, PRESENCE_MISSING) == 0)
            continue;
        result = act_deliver(actor, (enum slot)slot);
        if (result != ACT_RESULT_DONE)
            worst = result;
        if (actor->interrupted)
            break;
    }
    return worst;
}

enum act_result act_decided(struct actor *actor) {
    const struct decision *decision = &actor->looker->report->decision;
    const struct facts *facts = actor->looker->facts;
    struct desired desired;

    switch (decision->act) {
    case ACT_NONE:
    case ACT_REFRESH:
        return ACT_RESULT_LOST;
    case ACT_MEND:
        desired = plan_mend(facts, decision->date);
        return act_write(actor, ACT_MEND, facts->slots.thumbprint[SLOT_CURRENT], &desired);
    case ACT_STAGE:
        return act_stage(actor, decision->date);
    case ACT_REPLACE:
        return act_replace(actor);
    case ACT_ACTIVATE:
        return act_activate(actor, decision->promoted);
    case ACT_RETIRE:
        desired = plan_retire(facts);
        return act_write(actor, ACT_RETIRE, facts->slots.thumbprint[SLOT_PREVIOUS], &desired);
    case ACT_WITHDRAW:
        desired = plan_withdraw(facts);
        return act_write(actor, ACT_WITHDRAW, facts->slots.thumbprint[SLOT_NEXT], &desired);
    case ACT_RESCHEDULE:
        desired = plan_reschedule(facts, decision->date);
        return act_write(actor, ACT_RESCHEDULE, facts->slots.thumbprint[SLOT_NEXT], &desired);
    case ACT_DELIVER:
        return act_deliver_missing(actor);
    case ACT_ENTRA_ADD:
    case ACT_ENTRA_REMOVE:
        break;
    }
    return ACT_RESULT_FAILED;
}
