/*
 * The state folder: opened once, relative to its descriptor ever after. Started as root with a folder that belongs to
 * another user, the program becomes that user for good before it touches the folder. One process writes at a time.
 */
#ifndef MONITOR_STATE_STATE_H
#define MONITOR_STATE_STATE_H

#include "base/error.h"

#include <stdbool.h>
#include <time.h>

enum state_use {
    STATE_READ, /* a missing folder is none: descriptor -1 */
    STATE_WRITE /* made when missing; its owner and mode are checked; locked */
};

struct state {
    int folder; /* -1 = there is none */
    int lock;   /* -1 = not held */
};

/* Opens it. CONFIG or LOCAL error that names the folder; when another process holds the lock, the error names the
 * holder. Close with state_close. */
bool state_open(const char *path, enum state_use use, time_t now, struct state *ret_state,
                struct error *err) MUST_CHECK;

void state_close(struct state *state);

#endif
