#include "monitor/command.h"

#include <stdio.h>
#include <unistd.h>

#include "core/file.h"
#include "monitor/exit.h"
#include "monitor/leave.h"
#include "monitor/look_port.h"
#include "monitor/mail_port.h"
#include "monitor/run.h"
#include "monitor/state.h"
#include "renew/shelf.h"

/* A damaged history is set aside, not overwritten, and this run becomes the first one. */
static bool load_history(int state, time_t now, struct history *ret_history, struct strings *troubles,
                         struct error *err) {
    struct error damage = {0};

    if (history_load(state, ret_history, &damage))
        return true;
    if (damage.kind != ERROR_DATA) {
        if (err != NULL)
            *err = damage;
        return false;
    }
    if (!file_set_aside(state, HISTORY_NAME, now, err))
        return false;
    *ret_history = (struct history){0};
    strings_add(troubles, "%s; it was set aside and begun anew", damage.text);
    return true;
}

/* Saves what the run leaves; everything is tried, every failure is told. */
static bool leave_all(const struct config *config, int state, const struct mail_port *mail,
                      const struct history *history, const struct report *report) {
    struct error err = {0};
    bool ok = true;

    if (!history_save(state, history, &err)) {
        fprintf(stderr, "authcert: the history could not be saved: %s\n", err.text);
        ok = false;
    }
    if (!leave_last(state, report, &err)) {
        fprintf(stderr, "authcert: the report could not be saved for others: %s\n", err.text);
        ok = false;
    }
    if (config->metrics_textfile != NULL &&
        !leave_metrics(config->metrics_textfile, report, mail_port_pending(mail), &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        ok = false;
    }
    return ok;
}

static int go(const struct invocation *invocation, const struct config *config, const struct state *state) {
    struct look_port look = {.settings = &config->directory, .now = invocation->now};
    struct shelf shelf = {.state = state->folder};
    struct mail_port mail = {0};
    struct run_ports ports = {.directory = look_port_of(&look),
                              .shelf = {.context = &shelf, .find = shelf_find, .keep = shelf_keep}};
    struct history history = {0};
    struct facts facts = {0};
    struct report report;
    struct strings troubles = {0};
    struct error err = {0};
    int result = EXIT_FAILED;

    if (!load_history(state->folder, invocation->now, &history, &troubles, &err) ||
        !mail_port_open(&mail, config, state->folder, invocation->now, &ports.mail, &err))
        goto failed;
    if (!run(&ports, &config->policy, invocation->now, &history, &facts, &report, &troubles, &result, &err))
        goto failed;
    command_complain(&troubles);
    if (result != EXIT_USAGE && !leave_all(config, state->folder, &mail, &history, &report) && result == EXIT_DONE)
        result = EXIT_FAILED;
    if (!facts.read)
        fprintf(stderr, "authcert: %s\n", facts.unreadable.text);
    if (!command_answer(invocation, &report) && result == EXIT_DONE)
        result = EXIT_FAILED;
    report_free(&report);
    goto out;
failed:
    fprintf(stderr, "authcert: %s\n", err.text);
    command_answer_unreadable(invocation, &config->policy, &err);
out:
    mail_port_close(&mail);
    facts_free(&facts);
    history_free(&history);
    strings_free(&troubles);
    return result;
}

int command_run(const struct invocation *invocation) {
    struct strings errors = {0};
    struct config config;
    struct state state;
    struct error err = {0};
    int result = EXIT_FAILED;

    if (!command_load(invocation, true, &config, &errors)) {
        error_set(&err, ERROR_CONFIG, "the configuration is wrong: %s", errors.count > 0 ? errors.items[0] : "");
        command_answer_unreadable(invocation, NULL, &err);
        strings_free(&errors);
        return EXIT_USAGE;
    }
    command_complain(&config.warnings);
    if (state_open(config.state_directory, STATE_WRITE, invocation->now, &state, &err)) {
        result = go(invocation, &config, &state);
        state_close(&state);
    } else {
        fprintf(stderr, "authcert: %s\n", err.text);
        command_answer_unreadable(invocation, &config.policy, &err);
    }
    config_free(&config);
    strings_free(&errors);
    return result;
}
