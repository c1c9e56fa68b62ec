/*
 * How a command answers: the report in the format asked for to standard output, diagnostics to standard error.
 */
#ifndef MONITOR_SESSION_ANSWER_H
#define MONITOR_SESSION_ANSWER_H

#include "base/error.h"
#include "base/text.h"
#include "core/report.h"
#include "monitor/session/invocation.h"

#include <stdarg.h>
#include <stdbool.h>

#include <jansson.h>

/* Says "authcert: ..." on standard error. */
void answer_say(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Adds the same to a text. */
void answer_add(struct text *out, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* Says a mistake in the command line, and answers with it in the format asked for: to a person standard error is
 * enough, a program wants its object whatever happened. Returns EXIT_USAGE. */
int answer_misuse(const struct invocation *invocation, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a caller with a list of its own. */
int answer_misuse_of(const struct invocation *invocation, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* The same for what failed and is no mistake of the command line. Returns `exit`. */
int answer_failed(const struct invocation *invocation, int exit, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints the answer of a command that has an object of its own, with `schema` and `checked_at` before the rest. Takes
 * the object; NULL = out of memory. False when it could not be printed. */
bool answer_object(const struct invocation *invocation, json_t *object);

/* Prints the sentences to standard error, each after "authcert: ". */
void answer_complain(const struct strings *sentences);

/* The same for what is no error; in the journal they are warnings. */
void answer_warn(const struct strings *sentences);

/* Prints the report in the format asked for. False, with a complaint, when it could not be written. */
bool answer_report(const struct invocation *invocation, const struct report *report);

/* Nothing could be looked at, because of `err`, which standard error has said: for a person that is enough; a program
 * gets its object whatever happened. `policy` may be NULL. */
void answer_unreadable(const struct invocation *invocation, const struct policy *policy, const struct error *err);

/* Ends standard output. Returns EXIT_DONE, or EXIT_FAILED with a complaint when it could not be written: now, or before
 * (`whole` is false). */
int answer_end(bool whole);

#endif
