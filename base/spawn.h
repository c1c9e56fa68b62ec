/*
 * Starts a program with nothing but what it is given: up to four descriptors, an environment, default signals, a
 * session and process group of its own, no core dumps, umask 077, working directory /. No shell is involved. The caller
 * waits for the process, and closes the two descriptors that it gets.
 */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

#define SPAWN_DESCRIPTORS 4

struct spawn_order {
    const char *path;
    char *const *arguments;             /* NULL-terminated, as of execve */
    char *const *environment;           /* NULL-terminated: all of it */
    int descriptors[SPAWN_DESCRIPTORS]; /* become 0, 1, 2 and 3; -1 = that one is not open */
};

struct spawned {
    pid_t process; /* also the process group */
    int ended;     /* pidfd: readable when it has ended */
    int failure;   /* a spawn_failure can be read there when the program could not be run; else it just ends */
};

struct spawn_failure {
    bool prepared; /* it failed in execve itself */
    int number;    /* errno */
};

/* LOCAL error when there is no new process. The process gets SIGTERM when this one dies. */
bool spawn_start(const struct spawn_order *order, struct spawned *ret_spawned, struct error *err) MUST_CHECK;

/* What a failure means for the admin: CONFIG when the file is to blame, else LOCAL. Always returns false. */
bool spawn_explain(const char *path, struct spawn_failure failure, struct error *err);

#endif
