#include "monitor/commands/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/walk.h"
#include "monitor/ports/sender.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/apart.h"
#include "monitor/session/glance.h"
#include "monitor/session/typed.h"
#include "monitor/session/load.h"
#include "monitor/state/organization.h"
#include "monitor/state/state.h"
#include "notify/page/page.h"

#define PAGE_MOST ((size_t)16 * 1024 * 1024) /* bytes */

/* What is there may only be an earlier page, or empty: nothing else is ever overwritten. */
static bool may_write(int folder, const char *name, const char *path, struct error *err) {
    char begin[sizeof(PAGE_BEGIN)] = "";
    struct stat status;
    ssize_t length;
    int file;

    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || error_errno(err, errno, "%s cannot be looked at", path);
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_CONFIG, "%s is there and no regular file; give the name of a new file", path);
    file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return error_errno(err, errno, "%s cannot be read", path);
    length = pread(file, begin, sizeof(begin) - 1, 0);
    close(file);
    if (status.st_size == 0 ||
        (length == (ssize_t)sizeof(begin) - 1 && memcmp(begin, PAGE_BEGIN, sizeof(begin) - 1) == 0))
        return true;
    return error_set(err, ERROR_CONFIG, "%s is there and no report of authcert; give another name, or remove it", path);
}

/* The history's entries as the page takes them; NULL when out of memory. */
static struct page_event *events_of(const struct history *history) {
    struct page_event *events = calloc(history->event_count + 1, sizeof(*events));

    for (size_t i = 0; events != NULL && i < history->event_count; i++)
        events[i] = (struct page_event){
            .at = history->events[i].at, .kind = history->events[i].kind, .text = history->events[i].text};
    return events;
}

static bool make_page(const struct invocation *invocation, const struct report *report, const struct history *history,
                      struct text *page, struct error *err) {
    struct occasion occasion = {.known_end = history->known.end, .blind_since = history->blind.since};
    struct page_event *events = events_of(history);
    struct sender sender;

    (void)organization_of_dn(history->organization_dn, occasion.known_organization, OCCASION_NAME_SIZE);
    memcpy(occasion.known_thumbprint, history->known.thumbprint, THUMBPRINT_SIZE);
    if (events == NULL)
        return error_memory(err);
    if (!sender_init(&sender, invocation->config_path, invocation->now, err)) {
        free(events);
        return false;
    }
    page_add(page, &(struct page_source){.speaker = &sender.speaker,
                                         .report = report,
                                         .occasion = &occasion,
                                         .events = events,
                                         .event_count = history->event_count});
    free(events);
    return !page->failed || error_memory(err);
}

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
    else if (!make_page(invocation, &glance.report, &glance.history, page, &err))
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

    if (!may_write(folder, name, path, &err))
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
    .takes_words = true,
};
