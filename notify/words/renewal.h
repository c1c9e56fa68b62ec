/*
 * What a message says in mode renew: what authcert does by itself and when, and where it cannot go on alone, what a
 * person does about it with which of its commands. Pure wording.
 */
#ifndef NOTIFY_WORDS_RENEWAL_H
#define NOTIFY_WORDS_RENEWAL_H

#include "core/report.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

void renewal_add(struct layout *out, const struct speaker *speaker, const struct report *report);

/* The command for the worst night, which works in either mode. */
void renewal_add_recover(struct layout *out, const struct speaker *speaker);

/* What authcert does for the decision, as in "it ...". Static. */
const char *renewal_does(const struct report *report);

#endif
