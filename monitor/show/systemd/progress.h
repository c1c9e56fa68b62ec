/*
 * Shows what takes long: to systemd as STATUS=, which `systemctl status` prints, where NOTIFY_SOCKET says that it
 * listens; to a person as one line on standard error, where that is a terminal. The line is erased when the step is
 * over. Standard output is never touched.
 */
#ifndef MONITOR_SHOW_SYSTEMD_PROGRESS_H
#define MONITOR_SHOW_SYSTEMD_PROGRESS_H

#include "base/progress.h"

#include <stdbool.h>

struct progress {
    int (*notify)(int unset_environment, const char *state); /* sd_notify; NULL = no service manager listens */
    bool terminal;
    bool shown; /* there is a line on the terminal now */
};

/* Finds out who listens. `quiet`: no line is wanted on a terminal. */
void progress_open(struct progress *ret_progress, bool quiet);

/* The port; without `say` when nobody listens. `progress` is borrowed as its context. */
struct progress_port progress_port_of(struct progress *progress);

#endif
