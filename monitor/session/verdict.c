#include "monitor/session/verdict.h"

#include "monitor/session/answer.h"
#include "monitor/session/load.h"
#include "monitor/session/typed.h"
#include "monitor/state/state.h"

#define UNKNOWN 3

static int exit_of(enum status status) {
    switch (status) {
    case STATUS_OK:
        return 0;
    case STATUS_WARNING:
        return 1;
    case STATUS_CRITICAL:
        return 2;
    case STATUS_UNKNOWN:
        break;
    }
    return UNKNOWN;
}

static int judge(const struct invocation *invocation, const struct config *config, int state, enum glance_how how,
                 verdict_answer *answer) {
    struct glance glance;
    struct error err = {0};
    int result = UNKNOWN;
    bool done = how == GLANCE_LAST ? glance_take_last(&glance, invocation, config, state, &err)
                                   : glance_take(&glance, invocation, config, state, how, &err);

    answer_complain(&glance.troubles);
    if (!done)
        typed_say(result, "%s", err.text);
    else if (answer(invocation, config, state, &glance))
        result = exit_of(glance.report.decision.status);
    glance_free(&glance);
    return result;
}

int verdict_run(const struct invocation *invocation, enum glance_how how, verdict_answer *answer) {
    const int secrets = how == GLANCE_ENTRA ? LOAD_SECRETS | LOAD_KEY_PASSWORD : LOAD_SECRETS;
    struct config config;
    struct state state;
    struct error err = {0};
    int result = UNKNOWN;

    if (!load_configuration(invocation, how == GLANCE_LAST ? 0 : secrets, &config, &err)) {
        answer_unreadable(invocation, NULL, &err);
        return result;
    }
    if (state_open(config.state_directory, STATE_READ, invocation->now, &state, &err)) {
        result = judge(invocation, &config, state.folder, how, answer);
        state_close(&state);
    } else {
        typed_say(result, "%s", err.text);
        answer_unreadable(invocation, &config.policy, &err);
    }
    config_free(&config);
    return result;
}
