#include "monitor/commands/commands.h"

#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/typed.h"
#include "monitor/session/verdict.h"

struct check_options {
    int last;
    int entra;
};

static bool answer(const struct invocation *invocation, const struct config *config, int state,
                   const struct glance *glance) {
    (void)config;
    (void)state;
    return answer_report(invocation, &glance->report);
}

static int run(const struct invocation *invocation) {
    const struct check_options *typed = invocation->options;
    struct error err = {0};

    if (typed->last && typed->entra) {
        error_set(&err, ERROR_CONFIG, "--last judges what was seen already; leave it out, or --entra");
        answer_unreadable(invocation, NULL, &err);
        return typed_say(EXIT_UNREADABLE, "%s", err.text);
    }
    return verdict_run(invocation, typed->last ? GLANCE_LAST : typed->entra ? GLANCE_ENTRA : GLANCE_LOOK, answer);
}

static const struct command_option options[] = {
    {"last", NULL, offsetof(struct check_options, last), "judge what the last run saw; older than 36 h is unknown"},
    {"entra", NULL, offsetof(struct check_options, entra), "ask Entra too whether it accepts the keys kept here"},
    {0},
};

const struct command command_check = {
    .name = "check",
    .arguments = "[--last] [--entra]",
    .what = "look and judge; changes nothing, sends nothing",
    .run = run,
    .options = options,
    .options_size = sizeof(struct check_options),
    .is_plugin = true,
};
