#include "monitor/commands/commands.h"

#include "monitor/session/answer.h"
#include "monitor/session/glance.h"
#include "monitor/session/typed.h"
#include "monitor/session/load.h"
#include "monitor/state/state.h"

struct check_options {
    int last;
};

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

static int judge(const struct invocation *invocation, const struct config *config, const struct state *state) {
    const struct check_options *typed = invocation->options;
    struct glance glance;
    struct error err = {0};
    int result = 3;
    bool done = typed->last ? glance_take_last(&glance, invocation, config, state->folder, &err)
                            : glance_take(&glance, invocation, config, state->folder, &err);

    answer_complain(&glance.troubles);
    if (!done)
        typed_say(result, "%s", err.text);
    else if (answer_report(invocation, &glance.report))
        result = exit_of(glance.report.decision.status);
    glance_free(&glance);
    return result;
}

static int run(const struct invocation *invocation) {
    const struct check_options *typed = invocation->options;
    struct config config;
    struct state state;
    struct error err = {0};
    int result = 3;

    if (!load_configuration(invocation, typed->last ? 0 : LOAD_SECRETS, &config, &err)) {
        answer_unreadable(invocation, NULL, &err);
        return result;
    }
    if (state_open(config.state_directory, STATE_READ, invocation->now, &state, &err)) {
        result = judge(invocation, &config, &state);
        state_close(&state);
    } else {
        typed_say(result, "%s", err.text);
        answer_unreadable(invocation, &config.policy, &err);
    }
    config_free(&config);
    return result;
}

static const struct command_option options[] = {
    {"last", NULL, offsetof(struct check_options, last), "judge what the last run saw; older than 36 h is unknown"},
    {0},
};

const struct command command_check = {
    .name = "check",
    .arguments = "[--last]",
    .what = "look and judge; changes nothing, sends nothing",
    .run = run,
    .options = options,
    .options_size = sizeof(struct check_options),
    .is_plugin = true,
};
