/*
 * The webhook channel: a chat room, or a program, that is told by one HTTPS request. A message is durable in an outbox
 * of its own before the first attempt, stays there until the other side took it (2xx), and is given up after 14 days.
 * The address is a secret: it is in no text, file or error. Nothing here reads the clock or the directory.
 */
#ifndef NOTIFY_WEBHOOK_WEBHOOK_H
#define NOTIFY_WEBHOOK_WEBHOOK_H

#include "base/error.h"
#include "core/news.h"
#include "core/occasion.h"
#include "core/report.h"
#include "base/text.h"
#include "notify/webhook/settings.h"
#include "notify/words/speaker.h"

#include <stdbool.h>
#include <time.h>

struct webhook_channel {
    const struct webhook_settings *settings;
    const struct speaker *speaker;
    int outbox;  /* descriptor of this channel's own outbox folder */
    int status;  /* of the last answer; 0 = none yet */
    bool silent; /* it did not answer in this run, or asked for patience: only flush and test ask it again */
};

/* Shapes of channel_port.tell, .flush and .heard with a struct webhook_channel as context. One entry is added to
 * report->told, to = 1 when it was sent or is queued. Tell is false when the message could neither be sent nor kept;
 * when it is true and `err` (given with kind ERROR_NONE) is set, that says why it waits. A test message is never kept.
 */
bool webhook_tell(void *channel, struct report *report, const struct occasion *occasion, struct error *err);
bool webhook_flush(void *channel, time_t now, struct report *report, struct strings *troubles, struct news *news,
                   struct error *err);
bool webhook_heard(void *channel, time_t at, struct error *err);

/* For doctor: connects, and sends nothing. */
bool webhook_probe(const struct webhook_settings *settings, struct error *err) MUST_CHECK;

/* "teams", "slack", "json". */
const char *webhook_format_name(enum webhook_format format);

#endif
