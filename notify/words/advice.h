/*
 * What an admin can do about the state a report shows: what authcert does itself, the exact next commands for a person,
 * the steps that partners still wait for, and what happens if nothing is done. Commands contain nothing from the
 * directory but thumbprints and validated host names. Pure wording, like wording.h.
 */
#ifndef NOTIFY_WORDS_ADVICE_H
#define NOTIFY_WORDS_ADVICE_H

#include "core/occasion.h"
#include "core/report.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

void advice_add(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                struct layout *out);

#endif
