/*
 * The state folder: opened once, relative to its descriptor ever after. Started as root, the program becomes for good
 * the first owner other than root on the way to it, whether the last part is there or not, before it touches anything
 * of that owner's: decided part by part by what was opened. One process writes at a time.
 */
#ifndef MONITOR_STATE_STATE_H
#define MONITOR_STATE_STATE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum state_use {
    STATE_READ, /* a missing folder is none: descriptor -1 */
    STATE_WRITE /* made when missing; its owner and mode are checked; locked */
};

struct state {
    int folder; /* -1 = there is none */
    int lock;   /* -1 = not held */
};

/* Opens it. Links on the way are followed only when root or the effective user made them, and never in the last part.
 * Who was started as root reads no folder but root's and that owner's. CONFIG or LOCAL error that names the folder;
 * when another process holds the lock, the error names the holder. Close with state_close. */
bool state_open(const char *path, enum state_use use, time_t now, struct state *ret_state,
                struct error *err) MUST_CHECK;

void state_close(struct state *state);

/* Does a process hold the lock of this open folder? Its name, printable, goes to `out`. False also where this cannot be
 * seen. */
bool state_in_use(const struct state *state, char *out, size_t size);

#endif
