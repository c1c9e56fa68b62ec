#include "monitor/commands/commands.h"

#include "monitor/session/answer.h"
#include "monitor/session/load.h"
#include <stdio.h>
#include <string.h>

#include "monitor/run/exit.h"

static int run(const struct invocation *invocation) {
    const char *verb = invocation->arguments[0];
    struct config config;
    bool show;

    struct strings errors = {0};
    bool usable;

    if (verb == NULL || invocation->arguments[1] != NULL || (strcmp(verb, "check") != 0 && strcmp(verb, "show") != 0))
        return answer_misuse(invocation, "config needs one of: check, show");
    show = strcmp(verb, "show") == 0;
    /* The check reads the secrets too: a password file that others can read is an error of the configuration. */
    if (!load_configuration(invocation, show ? 0 : LOAD_SECRETS | LOAD_KEY_PASSWORD_TO_RENEW, &config, NULL))
        return EXIT_USAGE;
    if (invocation->verbosity <= 0)
        answer_complain(&config.warnings);
    usable = show || config_try_certificates(&config, &errors);
    answer_complain(&errors);
    if (show)
        config_show(&config, stdout);
    else if (usable && invocation->verbosity >= 0)
        printf("%s: no errors\n", config.path);
    strings_free(&errors);
    config_free(&config);
    return usable ? answer_end(true) : EXIT_USAGE;
}

const struct command command_config = {
    .name = "config",
    .arguments = "check|show",
    .what = "read the configuration; show prints every setting with its origin",
    .run = run,
    .takes_words = true,
};
