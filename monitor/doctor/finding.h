/*
 * What `doctor` works on, and how its parts tell what they find: as text a line each on standard output at once, for a
 * program one object at the end.
 */
#ifndef MONITOR_DOCTOR_FINDING_H
#define MONITOR_DOCTOR_FINDING_H

#include "base/text.h"
#include "monitor/session/invocation.h"

#include <stdbool.h>

enum finding { FINDING_OK, FINDING_WARNING, FINDING_FAILED };
#define FINDING_COUNT (FINDING_FAILED + 1)

struct doctor {
    const struct invocation *invocation;
    const struct config *config;
    size_t counts[FINDING_COUNT];
    struct strings named, causes; /* what was not well, and why, in their order */
    void *list;                   /* of the findings, as JSON */
    bool emergency;               /* examined as if it had to act this minute, whatever the mode */
    bool silent;                  /* nothing is said: within a run, or after it was said once */
    bool counting;                /* what fails now would fail in an emergency, */
    struct strings lacking;       /* and goes here, a sentence each; owned */
};

/* One line: verdict, what was tested, what was found or how to repair it. A cause that an earlier line names is not
 * told again. */
void finding_say(struct doctor *doctor, enum finding finding, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Lines that belong to the one before: what to type. */
void finding_add(struct doctor *doctor, const char *lines);

/* Says FINDING_OK with `good`, or FINDING_FAILED with the error. */
void finding_say_outcome(struct doctor *doctor, bool ok, const char *what, const char *good, const struct error *err);

/* Says how many were found of each kind, as the last line, or prints the object. False when standard output failed.
 * Frees what the findings took. */
bool finding_end(struct doctor *doctor);

#endif
