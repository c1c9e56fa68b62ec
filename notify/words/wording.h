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
#include "notify/mail/mail.h"

#include <time.h>

#define WORDING_MINUTE_SIZE 48
#define WORDING_LEFT_SIZE 64

/* One line without a line end, limited in length. */
void wording_subject(const struct report *report, const struct occasion *occasion, struct text *out);

void wording_body(const struct mail_sender *sender, const struct report *report, const struct occasion *occasion,
                  struct layout *out);

/* Why the message comes now and what else is news, in paragraphs: the threshold, the all-clear beside another message,
 * the end of blindness. Nothing when there is nothing of that kind. */
void wording_circumstances(const struct report *report, const struct occasion *occasion, struct layout *out);

/* "2026-12-12 02:00 UTC". */
char *wording_minute(char out[WORDING_MINUTE_SIZE], time_t at);

/* "ends in 21 days", "ends in less than a day", "ended 3 days ago", ... as seen at `now`. */
char *wording_left(char out[WORDING_LEFT_SIZE], time_t end, time_t now);

#endif
