/*
 * Runs a program to its end, within a time: feeds it up to two secrets, collects what it says up to a cap, and sees to
 * it that nothing of its process group is left afterwards. A program that does not read, does not end, floods, or
 * leaves processes behind that hold its output open never holds the caller up beyond the time and a short grace.
 * Whoever wants to end the caller meanwhile ends the program with all it started, and the caller goes on to say so.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/error.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>

#define CHILD_GRACE 2 /* seconds: for output after its end, and between SIGTERM and SIGKILL */

struct child_order {
    const char *path;              /* absolute; whether it is to be trusted is the caller's to know */
    char *const *arguments;        /* NULL-terminated, as of execve; NULL = none */
    char *const *environment;      /* NULL-terminated: all of it */
    const struct secret *input;    /* goes to standard input; NULL = nothing */
    const struct secret *password; /* goes to descriptor 3; NULL = that is not open */
    size_t answers_most;           /* bytes kept of standard output, */
    size_t diagnostics_most;       /* and of standard error; what is beyond is read and dropped */
    bool flood_ends;               /* more than answers_most is the program's end */
    int timeout;                   /* seconds */
};

struct child_output {
    char *data;
    size_t length;
    bool cut; /* there was more */
};

enum child_end {
    CHILD_EXITED, /* number is its exit status */
    CHILD_KILLED, /* number is the signal that ended it */
    CHILD_LATE,   /* it was ended at the timeout, or for its flood */
    CHILD_STOPPED /* we were told to end (SIGINT, SIGTERM, SIGHUP), and ended it */
};

struct child_result {
    enum child_end end;
    int number;
    bool held_open; /* it ended, but something it had started kept its output open, and was ended */
    struct child_output answers;
    struct child_output diagnostics;
};

/* Runs it once. False when it could not be run at all: CONFIG when the file is to blame, else LOCAL. The caller ignores
 * SIGPIPE: a program need not read what it is fed. The result may hold secrets: child_result_free wipes it. */
bool child_run(const struct child_order *order, struct child_result *ret_result, struct error *err) MUST_CHECK;

void child_result_free(struct child_result *result);

#endif
