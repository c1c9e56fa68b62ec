#include "monitor/commands/commands.h"

#include <stdio.h>
#include <string.h>

#include "monitor/config/named.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/apart.h"
#include "monitor/session/load.h"
#include "monitor/state/state.h"

#define LINES_MOST ((size_t)64 * 1024) /* bytes */

struct naming {
    const struct config *config;
    time_t now;
};

/* The files that the configuration names, as the account that will need them sees them: who opens the state folder as
 * root becomes its owner. Adds a line for each that cannot be used. */
static int check_named(void *context, struct text *lines) {
    const struct naming *naming = context;
    struct strings errors = {0};
    struct state state = {.folder = -1, .lock = -1};
    struct error err = {0};

    /* Who cannot open it looks with the rights that there are. */
    (void)!state_open(naming->config->state_directory, STATE_READ, naming->now, &state, &err);
    config_named_check(naming->config, &errors);
    for (size_t i = 0; i < errors.count; i++)
        text_format(lines, "authcert: %s\n", errors.items[i]);
    lines->failed = lines->failed || errors.failed;
    strings_free(&errors);
    state_close(&state);
    return EXIT_DONE;
}

static bool named_good(const struct invocation *invocation, const struct config *config) {
    struct naming naming = {.config = config, .now = invocation->now};
    struct text lines = {0};
    struct error err = {0};
    int result;
    bool good = apart_run(check_named, &naming, LINES_MOST, &lines, &result, &err);

    if (!good)
        fprintf(stderr, "authcert: the files that it names could not be looked at: %s\n", err.text);
    else if (lines.length > 0)
        fputs(lines.value, stderr);
    good = good && lines.length == 0;
    text_free(&lines);
    return good;
}

static int run(const struct invocation *invocation) {
    const char *verb = invocation->arguments[0];
    struct config config;
    bool show;
    int result = EXIT_DONE;

    if (verb == NULL || invocation->arguments[1] != NULL || (strcmp(verb, "check") != 0 && strcmp(verb, "show") != 0))
        return answer_misuse(invocation, "config needs one of: check, show");
    show = strcmp(verb, "show") == 0;
    /* The check reads the secrets too: a password file that others can read is an error of the configuration. */
    if (!load_configuration(invocation, show ? 0 : LOAD_SECRETS | LOAD_KEY_PASSWORD_TO_RENEW, &config, NULL))
        return EXIT_USAGE;
    if (invocation->verbosity <= 0)
        answer_complain(&config.warnings);
    if (show)
        config_show(&config, stdout);
    else if (!named_good(invocation, &config))
        result = EXIT_USAGE;
    else if (invocation->verbosity >= 0)
        printf("%s: no errors\n", config.path);
    config_free(&config);
    return result != EXIT_DONE ? result : answer_end(true);
}

const struct command command_config = {
    .name = "config",
    .arguments = "check|show",
    .what = "read the configuration; show prints every setting with its origin",
    .run = run,
    .takes_words = true,
};
