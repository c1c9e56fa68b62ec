#include "monitor/session/answer.h"

#include <stdio.h>

#include "monitor/run/exit.h"
#include "monitor/run/run.h"
#include "monitor/session/session.h"

int command_run(const struct invocation *invocation) {
    struct session session;
    struct error err = {0};
    int result;

    if (!session_open(&session, invocation, false, &result))
        return result;
    if (!invocation->dry_run)
        ping_port_begin(&session.ping, &session.config);
    if (!run_pass(&session.ports, &session.config.policy, invocation->now, &session.history, &session.facts,
                  &session.report, &session.troubles, &result, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        command_answer_unreadable(invocation, &session.config.policy, &err);
        result = EXIT_FAILED;
    }
    return session_close(&session, result);
}
