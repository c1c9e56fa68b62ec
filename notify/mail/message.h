/*
 * A complete message (RFC 5322) for an occasion: headers and two alternatives, text/plain and text/html, ASCII with
 * CRLF line ends, ready for SMTP and for the outbox. Nothing read from outside can add a header or a recipient. The
 * message owns its strings; free with message_free.
 */
#ifndef NOTIFY_MAIL_MESSAGE_H
#define NOTIFY_MAIL_MESSAGE_H

#include "base/error.h"
#include "core/occasion.h"
#include "core/report.h"
#include "base/text.h"
#include "notify/mail/settings.h"
#include "notify/words/speaker.h"

#include <stdbool.h>

struct message {
    char *id;      /* of the Message-ID header, with its angle brackets; unique per run and kind of occasion */
    char *subject; /* printable, not encoded */
    char *text;
};

/* `to` are all recipients, each valid by text_is_mail_address, as settings->from is. CONFIG for an address that is not;
 * LOCAL when out of memory. */
bool message_compose(const struct mail_settings *settings, const struct speaker *speaker, const struct strings *to,
                     const struct report *report, const struct occasion *occasion, struct message *ret_message,
                     struct error *err) MUST_CHECK;

void message_free(struct message *message);

#endif
