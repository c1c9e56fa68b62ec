/*
 * How every process of Exchange notices another current certificate at once. Pure wording.
 */
#ifndef NOTIFY_WORDS_RESTART_H
#define NOTIFY_WORDS_RESTART_H

#include "core/report.h"
#include "notify/words/layout.h"

#include <stdbool.h>

/* Was an act done after which another certificate is current? */
bool restart_helps(const struct report *report);

/* The commands for it, and where to give them. */
void restart_add(struct layout *out);

/* The same after a run that made another certificate current, with the names of the servers; else nothing. */
void restart_add_now(struct layout *out, const struct report *report);

#endif
