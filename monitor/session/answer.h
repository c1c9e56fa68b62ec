/*
 * How a command answers: the report in the format asked for to standard output, diagnostics to standard error.
 */
#ifndef MONITOR_SESSION_ANSWER_H
#define MONITOR_SESSION_ANSWER_H

#include "base/error.h"
#include "base/text.h"
#include "core/report.h"
#include "monitor/session/invocation.h"

#include <stdbool.h>

/* Prints the sentences to standard error, each after "authcert: ". */
void answer_complain(const struct strings *sentences);

/* The same for what is no error; in the journal they are warnings. */
void answer_warn(const struct strings *sentences);

/* Prints the report in the format asked for. False, with a complaint, when it could not be written. */
bool answer_report(const struct invocation *invocation, const struct report *report);

/* Answers in the format asked for that nothing could be looked at, because of `err`. `policy` may be NULL. */
void answer_unreadable(const struct invocation *invocation, const struct policy *policy, const struct error *err);

/* Ends standard output. Returns EXIT_DONE, or EXIT_FAILED with a complaint when it could not be written: now, or before
 * (`whole` is false). */
int answer_end(bool whole);

#endif
