#include "monitor/commands/commands.h"

#include <stdio.h>

#include "monitor/commands/change/rehearse.h"
#include "monitor/run/exit.h"
#include "monitor/run/run.h"
#include "monitor/session/answer.h"
#include "monitor/session/session.h"

static bool go_through(void *context, const struct facts *facts, const struct history *history,
                       struct strings *ret_lacking, struct error *err) {
    const struct session *session = context;

    return rehearse_within(session->invocation, &session->config, session->state.folder, facts, history, ret_lacking,
                           err);
}

static int run_nightly(const struct invocation *invocation) {
    struct session session;
    struct error err = {0};
    int result;

    if (!session_open(&session, invocation, false, &result))
        return result;
    if (!invocation->dry_run) {
        ping_port_begin(&session.ping, &session.config);
        session_watch(&session);
        session.ports.drill = (struct drill_port){.context = &session, .rehearse = go_through};
    }
    if (!run_pass(&session.ports, &session.config.policy, invocation->now, &session.history, &session.facts,
                  &session.report, &session.troubles, &result, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        answer_unreadable(invocation, &session.config.policy, &err);
        result = EXIT_FAILED;
    }
    return session_close(&session, result);
}

const struct command command_run = {
    .name = "run",
    .arguments = "",
    .what = "what the timer runs: look, judge, act as far as the mode allows, tell, remember",
    .run = run_nightly,
    .rehearses = true,
};
