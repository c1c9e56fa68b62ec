#include "monitor/commands/commands.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

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
        text_format(lines, "%s\n", errors.items[i]);
    lines->failed = lines->failed || errors.failed;
    strings_free(&errors);
    state_close(&state);
    return EXIT_DONE;
}

static void find_named(const struct invocation *invocation, const struct config *config, struct strings *errors) {
    struct naming naming = {.config = config, .now = invocation->now};
    struct text lines = {0};
    struct error err = {0};
    int result;

    if (!apart_run(check_named, &naming, LINES_MOST, &lines, &result, &err))
        strings_add(errors, "the files that it names could not be looked at: %s", err.text);
    for (char *line = lines.value, *end; line != NULL && (end = strchr(line, '\n')) != NULL; line = end + 1)
        strings_add(errors, "%.*s", (int)(end - line), line);
    text_free(&lines);
}

static json_t *list_json(const struct strings *strings) {
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < strings->count; i++)
        (void)json_array_append_new(list, json_string(strings->items[i]));
    return list;
}

/* The check reads the secrets too: a password file that others can read is an error of the configuration. */
static int check(const struct invocation *invocation) {
    const bool text = invocation->format == FORMAT_TEXT;
    struct config config = {0};
    struct strings errors = {0};
    bool whole = true;
    int result;
    bool loaded = load_configuration_or(invocation, LOAD_SECRETS | LOAD_KEY_PASSWORD_TO_RENEW, &config, &errors);

    if (loaded) {
        find_named(invocation, &config, &errors);
        if (invocation->verbosity <= 0)
            answer_complain(&config.warnings);
        answer_complain(&errors);
    }
    if (!text)
        whole = answer_object(invocation, json_pack("{s:s, s:o, s:o}", "file", invocation->config_path, "errors",
                                                    list_json(&errors), "warnings", list_json(&config.warnings)));
    else if (errors.count == 0 && !errors.failed && invocation->verbosity >= 0)
        printf("%s: no errors\n", config.path);
    result = answer_end(whole);
    if (errors.count > 0 || errors.failed)
        result = EXIT_USAGE;
    strings_free(&errors);
    if (loaded)
        config_free(&config);
    return result;
}

static int show(const struct invocation *invocation) {
    struct config config;
    bool whole = true;

    if (!load_or_answer(invocation, 0, &config))
        return EXIT_USAGE;
    if (invocation->verbosity <= 0)
        answer_complain(&config.warnings);
    if (invocation->format == FORMAT_TEXT)
        config_show(&config, stdout);
    else
        whole =
            answer_object(invocation, json_pack("{s:s, s:o}", "file", config.path, "settings", config_json(&config)));
    config_free(&config);
    return answer_end(whole);
}

static int run(const struct invocation *invocation) {
    const char *verb = invocation->arguments[0];

    if (verb != NULL && invocation->arguments[1] == NULL && strcmp(verb, "check") == 0)
        return check(invocation);
    if (verb != NULL && invocation->arguments[1] == NULL && strcmp(verb, "show") == 0)
        return show(invocation);
    return answer_misuse(invocation, "config needs one of: check, show");
}

const struct command command_config = {
    .name = "config",
    .arguments = "check|show",
    .what = "read the configuration; show prints every setting with its origin",
    .run = run,
    .answers = ANSWERS_OBJECT,
    .takes_words = true,
};
