/*
 * What to tell after a look, and what to remember of it: pure functions over the report and the history. At most one
 * message comes of a run, the gravest reason first; what else there is to tell stands in the same message. A lost
 * history costs at most one repeated message.
 */
#ifndef MONITOR_RUN_TELL_H
#define MONITOR_RUN_TELL_H

#include "core/occasion.h"
#include "core/report.h"
#include "monitor/state/history.h"

/* Judges whether this look is worth a message. The history is as earlier runs left it, with history_note_look done.
 * Thresholds are compared in seconds; daily means once per UTC date, and a threshold's message counts as that date's.
 * While a rotation is under control (decision.covered) thresholds are not told, but what is held back is told again at
 * each. A failure that repeats unchanged is told again at thresholds and after seven days, a new one at once. */
struct occasion tell_choose(const struct report *report, const struct history *history);

/* The present state, for a channel that missed the last message. */
struct occasion tell_again(const struct report *report, const struct history *history);

/* Takes into the history that the occasion was told, or kept in the outbox, at report->checked_at. With OCCASION_NONE
 * too: the status is remembered. */
void tell_remember(struct history *history, const struct report *report, const struct occasion *occasion);

#endif
