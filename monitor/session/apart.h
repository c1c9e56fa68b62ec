/*
 * Text that a process of its own makes: whoever opens the state folder as root becomes its owner for good, and that
 * owner need not be able to write where root wants a file.
 */
#ifndef MONITOR_SESSION_APART_H
#define MONITOR_SESSION_APART_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

/* Makes the text; returns what the process is to end with, 0 to 255. */
typedef int apart_work(void *context, struct text *text);

/* Runs the work in a child and brings back its text, of at most `most` bytes, and what it returned. False when either
 * did not arrive. Nothing the work changes is seen here; what it prints is. */
bool apart_run(apart_work *work, void *context, size_t most, struct text *ret_text, int *ret_result,
               struct error *err) MUST_CHECK;

#endif
