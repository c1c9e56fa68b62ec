/*
 * The subject and the body of a message, whatever it is about: of the auth certificate, as notify/words/wording.h has
 * it, with a section on the others where there is news of them; or of the others alone. Pure wording.
 */
#ifndef NOTIFY_WORDS_INVENTORY_MESSAGE_WORDS_H
#define NOTIFY_WORDS_INVENTORY_MESSAGE_WORDS_H

#include "base/text.h"
#include "core/occasion.h"
#include "core/report.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

#include <stdbool.h>

/* "CRITICAL", "DONE", ...: the first word of the subject. Static. */
const char *message_words_state(const struct report *report, const struct occasion *occasion);

/* One line without a line end, limited in length. */
void message_words_subject(const struct report *report, const struct occasion *occasion, struct text *out);

void message_words_body(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                        struct layout *out);

/* Is it to be marked as important? */
bool message_words_urgent(const struct report *report, const struct occasion *occasion);

#endif
