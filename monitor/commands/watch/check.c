#include "monitor/commands/commands.h"

#include "monitor/session/answer.h"
#include "monitor/session/verdict.h"

struct check_options {
    int last;
};

static bool answer(const struct invocation *invocation, const struct config *config, int state,
                   const struct glance *glance) {
    (void)config;
    (void)state;
    return answer_report(invocation, &glance->report);
}

static int run(const struct invocation *invocation) {
    const struct check_options *typed = invocation->options;

    return verdict_run(invocation, typed->last != 0, answer);
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
