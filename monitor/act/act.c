#include "monitor/act/act.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "monitor/act/begun.h"
#include "monitor/look/delivered.h"
#include "monitor/look/recorded.h"
#include "renew/plan.h"

#define SAID_MOST 20 /* lines of one delivery that the history takes */

void act_note(struct actor *actor, enum act act, const char *thumbprint, bool ok, const char *format, ...) {
    struct report *report = actor->report;
    struct done *done = reallocarray(report->done, report->done_count + 1, sizeof(*done));
    char raw[2 * ERROR_TEXT_SIZE], detail[ERROR_TEXT_SIZE], event[ERROR_TEXT_SIZE + 128];
    struct error err = {0};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof(raw), format, arguments);
    va_end(arguments);
    /* Where it is too long it must not be cut within a character, which JSON would not take. */
    text_printable(detail, sizeof(detail), raw, strlen(raw));
    snprintf(event, sizeof(event), "%s %s %s: %s", act_name(act), thumbprint, ok ? "done" : "failed", detail);
    if (!history_add(actor->history, actor->now, "done", event, &err))
        strings_add(actor->troubles, "%s", err.text);
    if (act != ACT_RETIRE)
        actor->history->act_failed = !ok;
    if (done == NULL) {
        strings_add(actor->troubles, "out of memory: what was done is not reported: %s", event);
        return;
    }
    report->done = done;
    done[report->done_count] = (struct done){.act = act, .ok = ok, .detail = strdup(detail)};
    snprintf(done[report->done_count].thumbprint, THUMBPRINT_SIZE, "%s", thumbprint);
    report->done_count++;
}

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

    say_where(&actor->facts->directory, &text);
    if ((act == ACT_ACTIVATE || act == ACT_REPLACE) && actor->facts->probed)
        say_who_follows(actor->facts, thumbprint, &text);
    act_note(actor, act, thumbprint, true, "%s", text.failed ? "written" : text.value);
    text_free(&text);
}

enum act_result act_write(struct actor *actor, enum act act, const char *thumbprint, const struct desired *desired) {
    struct change change;
    struct error err = {0};
    enum write_result result;

    if (!plan_change(actor->facts, desired, &change, &err)) {
        act_note(actor, act, thumbprint, false, "%s", err.text);
        return ACT_RESULT_FAILED;
    }
    if (change_is_empty(&change))
        return ACT_RESULT_LOST;
    snprintf(actor->about, sizeof(actor->about), "%s", thumbprint);
    begun_note(actor, act, thumbprint, desired);
    progress_begin(actor->progress, "writing to %s", actor->facts->directory.uri);
    result = actor->writer->write(actor->writer->context, actor->facts, &change, &err);
    progress_end(actor->progress);
    switch (result) {
    case WRITE_DONE:
        note_written(actor, act, thumbprint);
        begun_done(actor->history);
        return ACT_RESULT_DONE;
    case WRITE_SHOWN:
        return ACT_RESULT_SHOWN;
    case WRITE_LOST:
        begun_lost(actor->history);
        actor->refusal = err;
        if (act == ACT_STAGE || act == ACT_REPLACE)
            strings_add(actor->troubles,
                        "someone else changed the auth configuration at the same moment: looking again; the key pair "
                        "%s is kept as candidate for the next time",
                        thumbprint);
        else
            strings_add(actor->troubles,
                        "someone else changed the auth configuration at the same moment: looking again");
        return ACT_RESULT_LOST;
    case WRITE_FAILED:
        act_note(actor, act, thumbprint, false, "%s", err.text);
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

    for (size_t i = before; i < actor->troubles->count && i < before + SAID_MOST; i++)
        if (!history_add(actor->history, actor->now, "trouble", actor->troubles->items[i], &err)) {
            strings_add(actor->troubles, "%s", err.text);
            return;
        }
}

/* Runs the command once and keeps the answers. `slot` NULL: for the candidate. */
static bool order(struct actor *actor, const char *thumbprint, const enum slot *slot, enum slot told_slot) {
    struct strings servers = {0};
    struct delivered *answers = NULL;
    size_t count = 0, present = 0, troubles = actor->troubles->count;
    struct error err = {0};
    bool completed = false, run = false;

    strings_add(&actor->tried, "%s", thumbprint);
    if (servers_lacking(actor->facts, slot, &servers) && servers.count == 0) {
        error_set(&err, ERROR_DIRECTORY, "no Exchange server that could take the certificate was seen");
    } else {
        progress_begin(actor->progress, "delivering %s to %zu server%s", thumbprint, servers.count,
                       servers.count == 1 ? "" : "s");
        run = actor->keys->deliver(actor->keys->context, thumbprint, told_slot, &servers, actor->now, &answers, &count,
                                   &completed, actor->troubles, &err);
        progress_end(actor->progress);
    }
    keep_said(actor, troubles);
    for (size_t i = 0; i < count; i++) {
        if ((answers[i].present || answers[i].failed) &&
            !delivered_note(actor->history, thumbprint, answers[i].fqdn, answers[i].present, actor->now, &err))
            run = false;
        if (slot != NULL)
            show_answer(actor->facts, *slot, &answers[i]);
        present += answers[i].present;
        free(answers[i].fqdn);
    }
    free(answers);
    if (!run)
        act_note(actor, ACT_DELIVER, thumbprint, false, "%s", err.text);
    else
        act_note(actor, ACT_DELIVER, thumbprint, completed && present == servers.count,
                 "present on %zu of %zu servers asked for%s", present, servers.count,
                 completed ? "" : "; the delivery command did not do all it was asked for");
    strings_free(&servers);
    delivered_apply(actor->history, actor->policy, &actor->tried, actor->now, actor->facts);
    return run;
}

static enum act_result wait_for(struct actor *actor, const char *thumbprint) {
    snprintf(actor->about, sizeof(actor->about), "%s", thumbprint);
    return ACT_RESULT_WAITS;
}

enum act_result act_deliver(struct actor *actor, enum slot slot) {
    const char *thumbprint = actor->facts->slots.thumbprint[slot];

    if (!actor->policy->deliver_by_command)
        return wait_for(actor, thumbprint);
    /* Previous is brought anywhere only to become current. */
    if (strings_contain(&actor->tried, thumbprint) ||
        !order(actor, thumbprint, &slot, slot == SLOT_PREVIOUS ? SLOT_CURRENT : slot))
        return ACT_RESULT_FAILED;
    return facts_count_presence(actor->facts, slot, PRESENCE_MISSING) == 0 ? ACT_RESULT_DONE : ACT_RESULT_FAILED;
}

/* The candidate, made when there is none. At most one key pair is made in a run. */
static bool have_candidate(struct actor *actor, enum act act) {
    struct candidate_facts *candidate = &actor->facts->candidate;
    struct certificate *certificate = NULL;
    struct error err = {0};
    bool ok;

    if (candidate->thumbprint[0] != '\0')
        return true;
    if (actor->made) {
        act_note(actor, act, "", false, "this run has made a key pair already; the next run goes on");
        return false;
    }
    actor->made = true;
    progress_begin(actor->progress, "making a key pair of %d bits", actor->policy->key_bits);
    ok = actor->keys->make(actor->keys->context, actor->policy, actor->now, &certificate, &err);
    progress_end(actor->progress);
    if (!ok) {
        act_note(actor, act, "", false, "no key pair could be made: %s", err.text);
        return false;
    }
    memcpy(candidate->thumbprint, certificate->thumbprint, THUMBPRINT_SIZE);
    candidate->delivery = DELIVERY_UNTRIED;
    certificate_free(certificate);
    delivered_apply(actor->history, actor->policy, &actor->tried, actor->now, actor->facts);
    return true;
}

/* The candidate is on as many servers as policy wants, or is brought there now. */
static enum act_result bring_candidate(struct actor *actor, enum slot slot) {
    const struct candidate_facts *candidate = &actor->facts->candidate;

    if (candidate->delivery == DELIVERY_ENOUGH)
        return ACT_RESULT_DONE;
    if (!actor->policy->deliver_by_command)
        return wait_for(actor, candidate->thumbprint);
    if (!strings_contain(&actor->tried, candidate->thumbprint))
        (void)order(actor, candidate->thumbprint, NULL, slot);
    return candidate->delivery == DELIVERY_ENOUGH ? ACT_RESULT_DONE : ACT_RESULT_FAILED;
}

/* Nothing goes into the directory whose private key is not safe here and whose certificate Exchange would refuse; its
 * bytes are kept, so the next look knows them. */
static bool prove_candidate(struct actor *actor, enum act act, time_t date) {
    const char *thumbprint = actor->facts->candidate.thumbprint;
    struct certificate *certificate = NULL;
    struct error err = {0};
    bool ok = actor->keys->prove(actor->keys->context, thumbprint, &certificate, &err) &&
              plan_check_certificate(certificate, date, actor->now, &err) &&
              actor->shelf->keep(actor->shelf->context, certificate, &err);

    if (ok)
        recorded_keep(actor->records, actor->history, actor->facts, certificate);
    else
        act_note(actor, act, thumbprint, false, "%s", err.text);
    certificate_free(certificate);
    return ok;
}

enum act_result act_ready_candidate(struct actor *actor, enum act act, enum slot slot, time_t date) {
    enum act_result result;

    if (!have_candidate(actor, act))
        return ACT_RESULT_FAILED;
    result = bring_candidate(actor, slot);
    if (result != ACT_RESULT_DONE)
        return result;
    return prove_candidate(actor, act, date) ? ACT_RESULT_DONE : ACT_RESULT_FAILED;
}

enum act_result act_stage(struct actor *actor, time_t date) {
    enum act_result result = act_ready_candidate(actor, ACT_STAGE, SLOT_NEXT, date);
    struct desired desired;

    if (result != ACT_RESULT_DONE)
        return result;
    desired = plan_stage(actor->facts, actor->facts->candidate.thumbprint, date);
    return act_write(actor, ACT_STAGE, actor->facts->candidate.thumbprint, &desired);
}

enum act_result act_replace(struct actor *actor) {
    enum act_result result = act_ready_candidate(actor, ACT_REPLACE, SLOT_CURRENT, actor->now);
    struct desired desired;

    if (result != ACT_RESULT_DONE)
        return result;
    desired = plan_make_current(actor->facts, actor->facts->candidate.thumbprint, actor->now);
    return act_write(actor, ACT_REPLACE, actor->facts->candidate.thumbprint, &desired);
}

enum act_result act_bring(struct actor *actor, enum slot slot) {
    enum act_result result;

    if (facts_held(actor->facts, slot) != ANSWER_NO)
        return ACT_RESULT_DONE;
    result = act_deliver(actor, slot);
    if (facts_held(actor->facts, slot) != ANSWER_NO)
        return ACT_RESULT_DONE;
    return result == ACT_RESULT_DONE ? ACT_RESULT_FAILED : result;
}

enum act_result act_activate(struct actor *actor, enum slot slot) {
    const char *thumbprint = actor->facts->slots.thumbprint[slot];
    enum act_result result = act_bring(actor, slot);
    struct desired desired;

    if (result != ACT_RESULT_DONE)
        return result;
    desired = plan_make_current(actor->facts, thumbprint, actor->now);
    return act_write(actor, ACT_ACTIVATE, thumbprint, &desired);
}

enum act_result act_deliver_missing(struct actor *actor) {
    enum act_result worst = ACT_RESULT_DONE;

    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct slot_facts *found = &actor->facts->slot[slot];
        enum act_result result;

        if (slot == SLOT_PREVIOUS || !found->key_kept ||
            facts_count_presence(actor->facts, (enum slot)slot, PRESENCE_MISSING) == 0)
            continue;
        result = act_deliver(actor, (enum slot)slot);
        if (result != ACT_RESULT_DONE)
            worst = result;
    }
    return worst;
}

enum act_result act_decided(struct actor *actor) {
    const struct decision *decision = &actor->report->decision;
    const struct facts *facts = actor->facts;
    struct desired desired;

    switch (decision->act) {
    case ACT_NONE:
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
    }
    return ACT_RESULT_FAILED;
}
