/*
 * What a message says: the subject and the body for an occasion and a report. The subject begins with the state, then
 * the organization and what it is about; the body reads well by itself and takes its form elsewhere. Pure wording:
 * nothing is read, sent or judged here. What runs out of memory shows in `failed` of the text or the layout.
 */
#ifndef NOTIFY_WORDS_WORDING_H
#define NOTIFY_WORDS_WORDING_H

#include "core/occasion.h"
#include "core/report.h"
#include "base/text.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

/* One line without a line end, limited in length. */
void wording_subject(const struct report *report, const struct occasion *occasion, struct text *out);

void wording_body(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                  struct layout *out);

/* Its two parts: what there is to say; and who says it, and how to silence it. */
void wording_matter(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                    struct layout *out);
void wording_footer(const struct speaker *speaker, const struct report *report, struct layout *out);

/* Why the message comes now and what else is news, in paragraphs: the threshold, the all-clear beside another message,
 * the end of blindness. Nothing when there is nothing of that kind. */
void wording_add_circumstances(const struct report *report, const struct occasion *occasion, struct layout *out);

/* That the run could not begin: why, and what to do. */
void wording_add_stuck(const struct speaker *speaker, const struct report *report, struct layout *out);

/* What this run did, or that it did nothing, under a heading. */
void wording_add_done(struct layout *out, const struct report *report);

/* The three lines that come before all else, the first not again where the headline says it. `headline` may be NULL. */
void wording_add_briefing(const struct report *report, const char *headline, struct layout *out);

#endif
