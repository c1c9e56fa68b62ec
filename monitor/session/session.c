#include "monitor/session/session.h"

#include "monitor/session/answer.h"
#include "monitor/session/load.h"
#include "monitor/session/page_file.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "monitor/run/exit.h"
#include "monitor/show/systemd/journal.h"
#include "monitor/show/inventory/json.h"
#include "monitor/show/last_report.h"
#include "monitor/show/publish.h"
#include "monitor/state/organization.h"
#include "monitor/ports/outboxes.h"

/* With a damaged history this run becomes the first one. */
static bool load_history(struct session *session, struct error *err) {
    struct error damage;

    if (!history_open(session->state.folder, &session->invocation->author, session->invocation->dry_run,
                      session->invocation->now, &session->history, &damage, err))
        return false;
    if (damage.kind != ERROR_NONE)
        strings_add(&session->troubles, "%s; it was set aside and a new one begun", damage.text);
    return true;
}

static bool save_history(void *context, const struct history *history, struct error *err) {
    const int *folder = context;

    return history_save(*folder, history, err);
}

static void connect_ports(struct session *session, bool acts) {
    const struct config *config = &session->config;

    session->look = (struct look_port){.settings = &config->directory, .now = session->invocation->now};
    session->shelf = (struct shelf){.state = session->state.folder};
    session->keys = (struct keys_port_context){
        .store = {.state = session->state.folder,
                  .password = config->key_password_use == KEY_PASSWORD_SET ? &session->config.key_password : NULL},
        .only_read = session->invocation->dry_run,
        .may_keep = config->key_password_use != KEY_PASSWORD_MISSING,
        .delivery = config->delivery,
        .windows = config->policy.method == DELIVERY_BY_WINRM ? &session->config.windows : NULL,
        .pfx = config->pfx,
    };
    session->ports.directory = look_port_of(&session->look);
    session->ports.servers = servers_port_of(&session->servers, config, session->invocation->now);
    session->ports.windows = windows_port_of(config);
    session->ports.shelf = shelf_port_of(&session->shelf, session->invocation->dry_run);
    session->ports.keys = keys_port_of(&session->keys);
    session->ports.entra = entra_port_of(&session->entra, config, session->state.folder, session->invocation->now,
                                         config->key_password_use != KEY_PASSWORD_MISSING);
    session->ports.progress = session->invocation->progress;
    if (!session->invocation->dry_run)
        session->ports.keeper = (struct keeper_port){.context = &session->state.folder, .save = save_history};
    if (acts || config->policy.mode == MODE_RENEW)
        session->ports.writer = write_port_of(&session->look);
    session->records = (struct record_port_context){
        .look = &session->look, .store = &session->keys.store, .recovery_certificate = config->recovery_certificate};
    if (session->ports.writer.write != NULL && config->directory.records)
        session->ports.records = record_port_of(&session->records);
    if (session->invocation->dry_run)
        dry_run_begin(&session->dry_run, session->invocation->format == FORMAT_TEXT ? stdout : stderr,
                      &session->config.policy, &session->ports);
}

/* Every channel that the configuration names. */
static bool open_channels(struct session *session, struct error *err) {
    const int state = session->state.folder;
    const time_t now = session->invocation->now;
    struct channel_port mail, webhook;

    if (!notify_ports_open(&session->notify, &session->config, state, now, &mail, &webhook, err))
        return false;
    if (mail.tell == NULL)
        outboxes_abandon(state, MAIL_OUTBOX, "mail", now, &session->troubles);
    if (webhook.tell == NULL)
        outboxes_abandon(state, WEBHOOK_OUTBOX, "webhook", now, &session->troubles);
    ports_add_channel(&session->ports, &mail);
    ports_add_channel(&session->ports, &webhook);
    return true;
}

bool session_open(struct session *session, const struct invocation *invocation, bool acts, int *ret_exit) {
    struct error err = {0};

    *session = (struct session){.invocation = invocation, .state = {.folder = -1, .lock = -1}};
    if (!load_configuration(invocation, LOAD_SECRETS | (acts ? LOAD_KEY_PASSWORD : LOAD_KEY_PASSWORD_TO_RENEW),
                            &session->config, &err)) {
        answer_unreadable(invocation, NULL, &err);
        *ret_exit = EXIT_USAGE;
        return false;
    }
    /* A dry run makes nothing, not even the folder that it would work in. */
    if (state_open(session->config.state_directory, invocation->dry_run ? STATE_READ : STATE_WRITE, invocation->now,
                   &session->state, &err) &&
        load_history(session, &err) && (invocation->dry_run || open_channels(session, &err))) {
        connect_ports(session, acts);
        session->looker = looker_of(&session->ports, &session->config.policy, invocation->now, &session->history,
                                    &session->facts, &session->report, &session->troubles);
        session->actor = (struct actor){.looker = &session->looker};
        return true;
    }
    fprintf(stderr, "authcert: %s\n", err.text);
    /* Who typed a command reads it there; of the run that a timer started nobody would hear. */
    if (!acts && !invocation->dry_run) {
        notify_ports_tell_stuck(&session->config, invocation->now, &err, &session->troubles);
        answer_complain(&session->troubles);
    }
    answer_unreadable(invocation, &session->config.policy, &err);
    history_free(&session->history);
    strings_free(&session->troubles);
    state_close(&session->state);
    config_free(&session->config);
    *ret_exit = EXIT_FAILED;
    return false;
}

/* A damaged memory is begun anew: what it told is told once more. */
void session_watch(struct session *session) {
    struct watch *watch = &session->watch;
    struct error err = {0};

    watch->port = inventory_port_of(&session->inventory, &session->config, session->invocation->now);
    watch->settings = &session->config.inventory;
    session->ports.watch = watch;
    if (!memory_load(session->state.folder, &watch->memory, &err))
        strings_add(&session->troubles, "%s; what was known of the other certificates is collected again", err.text);
}

static struct ran ran_of(const struct session *session, bool success) {
    struct ran ran = {
        .success = success,
        .last_success = session->history.last_success,
        .pending = notify_ports_pending(&session->notify),
        .given_up = notify_ports_given_up(&session->notify),
        .rehearsed = session->history.rehearsed.at,
        .rehearsal_passed = session->history.rehearsed.passed_at,
        .rehearsal_lacking = session->history.rehearsed.lacking.count,
    };

    (void)organization_of_dn(session->history.organization_dn, ran.organization, sizeof(ran.organization));
    return ran;
}

/* A command that did not look at the other certificates leaves them as the last run saw them. */
static void keep_inventory(struct session *session) {
    struct inventory *inventory = &session->watch.inventory;
    time_t seen;

    if (session->report.inventory == NULL &&
        inventory_load_last(session->state.folder, LAST_REPORT_NAME, inventory, &seen, NULL))
        session->report.inventory = inventory;
}

/* Saves what the command leaves; everything is tried, every failure is told. */
static bool leave_all(struct session *session, bool success) {
    const struct config *config = &session->config;
    struct error err = {0};
    struct ran ran;
    bool ok = true;

    if (success)
        session->history.last_success = session->report.checked_at;
    ran = ran_of(session, success);
    if (session->ports.watch == NULL)
        keep_inventory(session);
    if (!history_save(session->state.folder, &session->history, &err)) {
        fprintf(stderr, "authcert: the history could not be saved: %s\n", err.text);
        ok = false;
    }
    if (session->watch.looked && !memory_save(session->state.folder, &session->watch.memory, &err)) {
        fprintf(stderr, "authcert: what is known of the other certificates could not be saved: %s\n", err.text);
        ok = false;
    }
    if (!publish_last(session->state.folder, &session->report, &err)) {
        fprintf(stderr, "authcert: the report could not be saved for others: %s\n", err.text);
        ok = false;
    }
    if (config->metrics_textfile != NULL && !publish_metrics(config->metrics_textfile, &session->report, &ran, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        ok = false;
    }
    if (config->report_file != NULL &&
        !page_file_publish(config->report_file, session->invocation, &session->report, &session->history, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        ok = false;
    }
    return ok;
}

/* The LDIF is the answer of a dry run; in the other formats it stands on standard error beside the report, in which
 * nothing was done. */
static bool answer(struct session *session) {
    struct report *report = &session->report;

    if (session->answered)
        return true;
    if (!session->invocation->dry_run && session->actor.typed && session->invocation->verbosity <= 0 &&
        session->invocation->format == FORMAT_TEXT)
        return answer_end(show_short(report, session->invocation->colour, stdout)) == EXIT_DONE;
    if (!session->invocation->dry_run)
        return answer_report(session->invocation, report);
    while (report->done_count > 0)
        done_free(&report->done[--report->done_count]);
    if (session->invocation->format != FORMAT_TEXT)
        return answer_report(session->invocation, report);
    printf("# %s: %s\n", status_name(report->decision.status), report->briefing.wrong);
    return fflush(stdout) == 0;
}

/* Stays behind a run that systemd started: `systemctl status` shows it. */
static void leave_status(const struct session *session) {
    const struct progress_port *progress = &session->invocation->progress;

    progress_begin(progress, "%s: %s", status_name(session->report.decision.status), session->report.briefing.wrong);
    progress_end(progress);
}

/* What was seen and done, to the journal with its fields, or what went wrong to standard error. True when the journal
 * has all of it. */
static bool say(const struct session *session) {
    struct journal journal;

    if (!session->invocation->dry_run)
        journal_audit(&session->history);
    journal_open(&journal);
    if (session->report.facts != NULL && !session->invocation->dry_run && journal.send != NULL &&
        journal_tell(&journal, &session->report, &session->invocation->author, &session->troubles))
        return true;
    answer_complain(&session->troubles);
    if (session->report.facts != NULL && !session->facts.read)
        fprintf(stderr, "authcert: %s\n", session->facts.unreadable.text);
    return false;
}

int session_say(struct session *session, int exit, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    answer_add(&session->closing, format, arguments);
    va_end(arguments);
    return exit;
}

int session_misuse(struct session *session, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    answer_misuse_of(session->invocation, format, arguments);
    va_end(arguments);
    session->answered = true;
    return EXIT_USAGE;
}

int session_close(struct session *session, int exit) {
    /* Another unreadable directory may be a matter of configuration too; only one that was read has a name. */
    bool of_another =
        !session->facts.read && session->facts.unreadable.kind == ERROR_CONFIG && session->facts.directory.dn != NULL;
    bool ok = true;
    bool said = false;

    if (session->report.facts != NULL)
        leave_status(session);
    if (session->invocation->verbosity == 0 && !session->answered)
        answer_warn(&session->config.warnings);
    if (!session->actor.typed)
        said = say(session);
    if (session->report.facts != NULL) {
        if (!session->invocation->dry_run && !of_another)
            ok = leave_all(session, exit == EXIT_DONE);
        /* What the journal has as entries does not follow once more as lines. */
        if (!said || !session->invocation->journal || session->invocation->format != FORMAT_TEXT)
            ok = answer(session) && ok;
    }
    if (session->actor.typed && !session->answered)
        (void)say(session);
    if (session->closing.length > 0)
        fputs(session->closing.failed ? "authcert: out of memory\n" : session->closing.value, stderr);
    text_free(&session->closing);
    looker_end(&session->looker);
    entra_port_end(&session->entra);
    look_port_end(&session->look);
    dry_run_end(&session->dry_run);
    notify_ports_close(&session->notify);
    ping_port_end(&session->ping, ok || exit != EXIT_DONE ? exit : EXIT_FAILED);
    report_free(&session->report);
    watch_end(&session->watch);
    facts_free(&session->facts);
    history_free(&session->history);
    strings_free(&session->troubles);
    state_close(&session->state);
    config_free(&session->config);
    return ok || exit != EXIT_DONE ? exit : EXIT_FAILED;
}
