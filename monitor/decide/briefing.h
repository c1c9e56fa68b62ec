/*
 * The three lines that every surface says first, in the same words: what is wrong, what happens by itself, and the one
 * command that helps. Pure wording of what was decided; commands contain only thumbprints and validated host names.
 */
#ifndef MONITOR_DECIDE_BRIEFING_H
#define MONITOR_DECIDE_BRIEFING_H

#include "core/report.h"
#include "monitor/state/history.h"

#include <stdbool.h>

/* Of a report whose decision and incident are made. False when out of memory; ret_briefing then holds what there is, to
 * be freed with the report. `history` may be NULL. */
bool briefing_make(const struct report *report, const struct history *history, struct briefing *ret_briefing);

#endif
