#include "monitor/session/page_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/walk.h"
#include "monitor/ports/sender.h"
#include "monitor/state/organization.h"
#include "notify/page/page.h"

bool page_file_fits(int folder, const char *name, const char *path, struct error *err) {
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

bool page_file_make(const struct invocation *invocation, const struct report *report, const struct history *history,
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

bool page_file_publish(const char *path, const struct invocation *invocation, const struct report *report,
                       const struct history *history, struct error *err) {
    struct text page = {0};
    const char *name;
    int folder;
    bool ok = false;

    if (walk_holder(path, &folder, &name, err)) {
        ok = page_file_fits(folder, name, path, err) && page_file_make(invocation, report, history, &page, err) &&
             file_write(folder, name, 0644, page.value, page.length, err);
        text_free(&page);
        close(folder);
    }
    return ok || error_context(err, "the page could not be written to %s ([report] file)", path);
}
