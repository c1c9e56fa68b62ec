#include "monitor/commands/commands.h"

#include <unistd.h>

#include "base/file.h"
#include "base/walk.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/apart.h"
#include "monitor/session/glance.h"
#include "monitor/session/load.h"
#include "monitor/session/page_file.h"
#include "monitor/session/typed.h"
#include "monitor/state/state.h"

#define PAGE_MOST ((size_t)16 * 1024 * 1024) /* bytes */

struct making {
    const struct invocation *invocation;
    const struct config *config;
};

/* Looks as `check` does and makes the page. Returns the exit status; without a page it is EXIT_FAILED. */
static int look_and_make(void *context, struct text *page) {
    const struct making *making = context;
    const struct invocation *invocation = making->invocation;
    const struct config *config = making->config;
    struct glance glance;
    struct state state;
    struct error err = {0};
    int result = EXIT_FAILED;
    bool looked;

    if (!state_open(config->state_directory, STATE_READ, invocation->now, &state, &err))
        return typed_say(EXIT_FAILED, "%s", err.text);
    looked = glance_take(&glance, invocation, config, state.folder, GLANCE_LOOK, &err);
    answer_complain(&glance.troubles);
    if (!looked)
        typed_say(EXIT_FAILED, "%s", err.text);
    else if (!page_file_make(invocation, &glance.report, &glance.history, page, &err))
        typed_say(EXIT_FAILED, "the page could not be made: %s", err.text);
    else if (glance.facts.read)
        result = EXIT_DONE;
    else
        result = typed_say(EXIT_UNREADABLE, "%s", glance.facts.unreadable.text);
    glance_free(&glance);
    state_close(&state);
    return result;
}

/* `name` in `folder` is what `path` says. */
static int report_to(const struct invocation *invocation, int folder, const char *name, const char *path) {
    struct config config;
    struct text page = {0};
    struct error err = {0};
    int result;

    if (!page_file_fits(folder, name, path, &err))
        return answer_misuse(invocation, "%s", err.text);
    if (!load_configuration(invocation, LOAD_SECRETS, &config, NULL))
        return EXIT_USAGE;
    if (!apart_run(look_and_make, &(struct making){.invocation = invocation, .config = &config}, PAGE_MOST, &page,
                   &result, &err))
        result = typed_say(EXIT_FAILED, "the page could not be made: %s", err.text);
    else if ((result == EXIT_DONE || result == EXIT_UNREADABLE) &&
             !file_write(folder, name, 0644, page.value, page.length, &err))
        result = typed_say(EXIT_FAILED, "the page could not be written: %s", err.text);
    text_free(&page);
    config_free(&config);
    return result;
}

static int run(const struct invocation *invocation) {
    const char *path = invocation->arguments[0];
    struct error err = {0};
    const char *name;
    int folder;
    int result;

    if (path == NULL || invocation->arguments[1] != NULL || path[0] == '\0')
        return answer_misuse(invocation, "report needs the file to write: authcert report FILE.html");
    if (!walk_holder(path, &folder, &name, &err))
        return typed_say(EXIT_FAILED, "the page could not be written: %s", err.text);
    result = report_to(invocation, folder, name, path);
    close(folder);
    return result;
}

const struct command command_report = {
    .name = "report",
    .arguments = "FILE.html",
    .what = "one self-contained page: time line, problems, what comes next, servers, history",
    .run = run,
    .answers = ANSWERS_TEXT,
    .takes_words = true,
};
