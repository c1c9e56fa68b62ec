/*
 * What stays to be done by hand after the certificate changed: Exchange's own processes on every server, Entra
 * in a hybrid organization, and other servers that trust this one. Pure wording.
 */
#ifndef NOTIFY_WORDS_PARTNERS_H
#define NOTIFY_WORDS_PARTNERS_H

#include "core/report.h"
#include "notify/words/layout.h"

#include <stdbool.h>

/* Was an act done after which another certificate is current? */
bool partners_made_current(const struct report *report);

/* The commands that let every process of Exchange notice it at once, and where to give them. */
void partners_add_commands(struct layout *out);

/* The same after a run that made another certificate current, with the names of the servers; else nothing. */
void partners_add_restart(struct layout *out, const struct report *report);

/* A section of the steps for partners, where what was done, decided or staged leads to another certificate. */
void partners_add(struct layout *out, const struct report *report);

/* The steps alone. */
void partners_add_steps(struct layout *out, const struct facts *facts);

#endif
