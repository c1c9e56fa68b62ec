/*
 * What stays to be done by hand after the certificate changed: Exchange's own processes on every server, Entra in a
 * hybrid organization, and other servers that trust this one. Pure wording.
 */
#ifndef NOTIFY_WORDS_PARTNERS_H
#define NOTIFY_WORDS_PARTNERS_H

#include "core/report.h"
#include "notify/words/layout.h"

#include <stdbool.h>

/* Was an act done after which another certificate is current? */
bool partners_made_current(const struct report *report);

/* Where this run made another certificate current: how Exchange notices at once, and on which servers. */
void partners_add_restart(struct layout *out, const struct report *report);

/* A section of the steps for partners, where what was done, decided or staged leads to another certificate. */
void partners_add(struct layout *out, const struct report *report);

#endif
