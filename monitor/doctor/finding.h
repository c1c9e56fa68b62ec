/*
 * What `doctor` works on, and how its parts tell what they find: a line each on standard output.
 */
#ifndef MONITOR_DOCTOR_FINDING_H
#define MONITOR_DOCTOR_FINDING_H

#include "base/text.h"
#include "monitor/session/invocation.h"

#include <stdbool.h>

struct doctor {
    const struct invocation *invocation;
    const struct config *config;
    bool failed;            /* some finding was FINDING_FAILED */
    bool emergency;         /* examined as if it had to act this minute, whatever the mode */
    bool silent;            /* nothing is printed: within a run, or after it was printed once */
    bool counting;          /* what fails now would fail in an emergency, */
    struct strings lacking; /* and goes here, a sentence each; owned */
};

enum finding { FINDING_OK, FINDING_WARNING, FINDING_FAILED };

/* One line: verdict, what was tested, what was found or how to mend it. */
void finding_say(struct doctor *doctor, enum finding finding, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Says FINDING_OK with `good`, or FINDING_FAILED with the error. */
void finding_say_outcome(struct doctor *doctor, bool ok, const char *what, const char *good, const struct error *err);

#endif
