#include "monitor/commands/commands.h"

#include "monitor/session/answer.h"
#include <stdio.h>

#include "monitor/run/exit.h"
#include "monitor/run/run.h"
#include "monitor/session/session.h"

static int run_nightly(const struct invocation *invocation) {
    struct session session;
    struct error err = {0};
    int result;

    if (!session_open(&session, invocation, false, &result))
        return result;
    if (!invocation->dry_run)
        ping_port_begin(&session.ping, &session.config);
    if (!invocation->dry_run)
        session_watch(&session);
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
