/*
 * The body of a webhook's request in each form: an adaptive card in the envelope of Teams' Workflows, Slack's blocks,
 * or a plain JSON object. Whatever a value holds, it is shown as the characters it is: no link, no mention, no mark-up.
 * In Teams only text runs are used, which know no Markdown; for Slack `&`, `<` and `>` are escaped.
 */
#ifndef NOTIFY_WEBHOOK_BODY_H
#define NOTIFY_WEBHOOK_BODY_H

#include "base/error.h"
#include "core/occasion.h"
#include "core/report.h"
#include "notify/webhook/settings.h"
#include "notify/words/speaker.h"

#include <stdbool.h>

#define WEBHOOK_BODY_MOST 27000 /* bytes: Teams takes about 28 KB */

/* The whole message for an occasion, in new memory; the short form when the whole one would be too large. */
bool webhook_body(enum webhook_format format, const struct speaker *speaker, const struct report *report,
                  const struct occasion *occasion, char **ret_body, struct error *err) MUST_CHECK;

/* The short form: the subject, and where to look for the rest. Of the same subject it is always the same. */
bool webhook_body_short(enum webhook_format format, const struct speaker *speaker, const char *subject, char **ret_body,
                        struct error *err) MUST_CHECK;

#endif
