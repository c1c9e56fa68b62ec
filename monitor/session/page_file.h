/*
 * The report page as a file: made of a report and the history, for the command `report` and for `[report] file` after
 * each run. Replaced in one step, readable by everybody. Whose folders on the way count is the rule of walk_holder.
 */
#ifndef MONITOR_SESSION_PAGE_FILE_H
#define MONITOR_SESSION_PAGE_FILE_H

#include "base/error.h"
#include "base/text.h"
#include "core/report.h"
#include "monitor/session/invocation.h"
#include "monitor/state/history.h"

#include <stdbool.h>

/* May a page be written as `name` in `folder`? Only over an earlier page, or an empty file: nothing else is ever
 * overwritten, and no link is. `path` is only named. */
bool page_file_fits(int folder, const char *name, const char *path, struct error *err) MUST_CHECK;

/* Adds the page to `page`. */
bool page_file_make(const struct invocation *invocation, const struct report *report, const struct history *history,
                    struct text *page, struct error *err) MUST_CHECK;

/* Makes the page and writes it to `path`, which is absolute. */
bool page_file_publish(const char *path, const struct invocation *invocation, const struct report *report,
                       const struct history *history, struct error *err) MUST_CHECK;

#endif
