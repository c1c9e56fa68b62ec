#include "monitor/session/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "ldap/look.h"
#include "monitor/look/delivered.h"
#include "monitor/run/exit.h"
#include "monitor/decide/explain.h"
#include "monitor/ports/keys.h"
#include "monitor/show/last_report.h"
#include "monitor/ports/directory.h"
#include "monitor/look/observe.h"
#include "monitor/look/probed.h"
#include "monitor/ports/servers.h"
#include "monitor/look/look.h"
#include "monitor/state/state.h"
#include "renew/keys/shelf.h"

static int exit_of(enum status status) {
    switch (status) {
    case STATUS_OK:
        return 0;
    case STATUS_WARNING:
        return 1;
    case STATUS_CRITICAL:
        return 2;
    case STATUS_UNKNOWN:
        return 3;
    }
    return 3;
}

/* What the last run saw; too old or none is unreadable. */
static void look_back(const struct shelf_port *shelf, int state, time_t now, struct facts *ret_facts) {
    struct error err = {0};
    char date[TIME_TEXT_SIZE];
    time_t seen;

    if (state < 0 || !last_report_load(state, ret_facts, &seen, &err)) {
        *ret_facts = (struct facts){.unreadable = err};
        if (err.kind == ERROR_NONE)
            error_set(&ret_facts->unreadable, ERROR_LOCAL,
                      "no run has left a report yet (%s in the state folder); start one: authcert run",
                      LAST_REPORT_NAME);
        return;
    }
    if (seen > now || now - seen > LAST_AGE_MOST) {
        error_set(
            &ret_facts->unreadable, ERROR_LOCAL,
            "the last run was at %s, which is %s; see why the timer does not run: systemctl list-timers authcert*",
            time_format_rfc3339(date, seen), seen > now ? "in the future" : "more than 36 hours ago");
        ret_facts->read = false;
        return;
    }
    if (ret_facts->read)
        observe_kept(shelf, ret_facts);
}

static void load_history(int state, struct history *ret_history, struct strings *troubles) {
    struct error err = {0};

    if (state >= 0 && !history_load(state, ret_history, &err))
        strings_add(troubles, "%s; it is judged without history", err.text);
}

/* What is known beside the directory: the servers' answers, and this host's keys and deliveries. A user who may not
 * read the keys does without. */
static void look_around(const struct invocation *invocation, const struct config *config, int state,
                        const struct history *history, struct facts *facts, struct strings *troubles) {
    const time_t now = invocation->now;
    struct keys_port_context keys = {.store = {.state = state}, .only_read = true};
    struct keys_port port = keys_port_of(&keys);
    struct strings tried = {0};
    struct servers_port_context asking;
    struct servers_port servers = servers_port_of(&asking, config, now);
    struct probed probed = {0};
    struct error err = {0};

    if (!probed_ask(&servers, &invocation->progress, facts, &probed, &err)) {
        strings_add(&facts->remarks, "The Exchange servers could not be asked: %s", err.text);
        strings_add(troubles, "the Exchange servers could not be asked: %s", err.text);
    }
    probed_fill(&probed, facts);
    if (!port.survey(port.context, &config->policy, now, facts, troubles, &err))
        strings_add(troubles, "%s", err.text);
    probed_judge(&probed, history, now, facts);
    delivered_apply(history, &config->policy, &tried, now, facts);
    probed_free(&probed);
}

void command_look(const struct invocation *invocation, const struct config *config, const struct state *state,
                  struct history *ret_history, struct facts *ret_facts) {
    struct look_port look = {.settings = &config->directory, .now = invocation->now};
    struct directory_port directory = look_port_of(&look);
    struct shelf shelf = {.state = state->folder};
    struct shelf_port shelf_port = {.context = &shelf, .find = shelf_find, .keep = shelf_keep};
    struct strings troubles = {0};
    struct history history = {0};
    struct facts facts = {0};

    load_history(state->folder, &history, &troubles);
    if (invocation->last)
        look_back(&shelf_port, state->folder, invocation->now, &facts);
    else
        observe_slots(&directory, &shelf_port, &invocation->progress, &facts);
    if (look_same_organization(&history, &facts) && facts.read && !invocation->last)
        look_around(invocation, config, state->folder, &history, &facts, &troubles);
    look_port_end(&look);
    command_complain(&troubles);
    strings_free(&troubles);
    *ret_history = history;
    *ret_facts = facts;
}

static int judge(const struct invocation *invocation, const struct config *config, const struct state *state) {
    struct history history;
    struct facts facts;
    struct report report;
    struct error err = {0};
    int result = 3;

    command_look(invocation, config, state, &history, &facts);
    if (!explain_report(&facts, &history, &config->policy, invocation->now, &report, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
    } else {
        if (command_answer(invocation, &report))
            result = exit_of(report.decision.status);
        report_free(&report);
    }
    facts_free(&facts);
    history_free(&history);
    return result;
}

int command_check(const struct invocation *invocation) {
    struct strings errors = {0};
    struct config config;
    struct state state;
    struct error err = {0};
    int result = 3;

    if (!command_load(invocation, !invocation->last, &config, &errors)) {
        error_set(&err, ERROR_CONFIG, "the configuration is wrong: %s%s",
                  errors.count > 0 ? errors.items[0] : "out of memory",
                  errors.count > 1 ? " (and more: authcert config check)" : "");
        command_answer_unreadable(invocation, NULL, &err);
        strings_free(&errors);
        return 3;
    }
    if (state_open(config.state_directory, STATE_READ, invocation->now, &state, &err)) {
        result = judge(invocation, &config, &state);
        state_close(&state);
    } else {
        fprintf(stderr, "authcert: %s\n", err.text);
        command_answer_unreadable(invocation, &config.policy, &err);
    }
    config_free(&config);
    strings_free(&errors);
    return result;
}
