/*
 * What stays to be done by hand after the certificate changed: Entra in a hybrid
 * organization, and other servers that trust this one. Pure wording.
 */
#ifndef NOTIFY_WORDS_PARTNERS_H
#define NOTIFY_WORDS_PARTNERS_H

#include "core/report.h"
#include "notify/words/layout.h"

/* A section of the steps for partners, where what was done, decided or staged leads to another certificate. */
void partners_add(struct layout *out, const struct report *report);

#endif
