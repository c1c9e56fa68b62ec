/*
 * When a run goes through the emergency again, and what is said of the last time. Pure.
 */
#ifndef MONITOR_DECIDE_REHEARSED_H
#define MONITOR_DECIDE_REHEARSED_H

#include "core/facts.h"
#include "core/policy.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <time.h>

#define REHEARSED_PHRASE_SIZE 96

/* In mode renew, a month after it was gone through last; the next night where something lacked then. Never in an
 * emergency itself, nor where no server uses the certificate. */
bool rehearsed_is_due(const struct facts *facts, const struct history *history, const struct policy *policy,
                      time_t now);

/* "emergency rehearsed 2026-11-20", with what came of it. Returns `out`. */
char *rehearsed_phrase(char out[REHEARSED_PHRASE_SIZE], const struct rehearsed *rehearsed);

/* The whole, for the history and the journal. */
void rehearsed_add(struct text *out, const struct rehearsed *rehearsed);

#endif
