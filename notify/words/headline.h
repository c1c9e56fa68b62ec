/*
 * The first words of a message: how bad it is and what it is about. They make the subject, and the body begins with
 * them. Pure wording; text from outside is not made printable here but where it is laid out.
 */
#ifndef NOTIFY_WORDS_HEADLINE_H
#define NOTIFY_WORDS_HEADLINE_H

#include "core/occasion.h"
#include "core/report.h"
#include "base/text.h"

/* "CRITICAL", "DONE", "RECOVERED", ...: the state when it is not ok, else what happened. Static. */
const char *headline_state(const struct report *report, const struct occasion *occasion);

/* What the message is about, without state and organization; never empty. */
void headline_add(struct text *out, const struct report *report, const struct occasion *occasion);

#endif
