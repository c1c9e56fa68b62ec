#include "monitor/show/systemd/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "monitor/show/systemd/libsystemd.h"

#define LINE_MOST 256
#define COLUMNS_USUAL 80
#define COLUMNS_LEAST 20

static void tell_manager(const struct progress *progress, const char *what) {
    char state[LINE_MOST] = "STATUS=";
    const size_t prefix = strlen(state);

    (void)text_printable(state + prefix, sizeof(state) - prefix, what, strlen(what));
    (void)progress->notify(0, state);
}

/* A line that the terminal would break could not be erased. The last column stays free: some wrap when it is filled. */
static size_t columns(void) {
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_USUAL - 1;
    return size.ws_col > COLUMNS_LEAST ? (size_t)size.ws_col - 1 : COLUMNS_LEAST;
}

static void show_line(struct progress *progress, const char *what) {
    static const char before[] = "authcert: ", after[] = " ...";
    char shown[LINE_MOST];
    size_t room = columns() - (sizeof(before) - 1) - (sizeof(after) - 1) + 1; /* with its NUL */

    if (room > sizeof(shown))
        room = sizeof(shown);
    (void)text_printable(shown, room < 8 ? 8 : room, what, strlen(what));
    fprintf(stderr, "\r\033[K%s%s%s", before, shown, after);
    fflush(stderr);
    progress->shown = true;
}

static void say(void *context, const char *what) {
    struct progress *progress = context;

    if (what != NULL && progress->notify != NULL)
        tell_manager(progress, what);
    if (what != NULL && progress->terminal) {
        fflush(stdout);
        show_line(progress, what);
    } else if (progress->shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->shown = false;
    }
}

static bool is_terminal(void) {
    const char *kind = getenv("TERM");

    return isatty(STDERR_FILENO) && (kind == NULL || strcmp(kind, "dumb") != 0);
}

void progress_open(struct progress *ret_progress, bool quiet) {
    *ret_progress = (struct progress){.terminal = !quiet && is_terminal()};
    if (getenv("NOTIFY_SOCKET") != NULL)
        libsystemd_find("sd_notify", &ret_progress->notify);
}

struct progress_port progress_port_of(struct progress *progress) {
    bool anybody = progress->terminal || progress->notify != NULL;

    return (struct progress_port){.context = progress, .say = anybody ? say : NULL};
}
