/*
 * The mail channel: words a message for an occasion, makes it durable in the outbox, sends it over the relays in order
 * and keeps it for the next run when none took it. What leaves here is a complete RFC 5322 message with valid
 * addresses; nothing here reads the clock or the directory.
 */
#ifndef NOTIFY_MAIL_MAIL_H
#define NOTIFY_MAIL_MAIL_H

#include "base/error.h"
#include "core/news.h"
#include "core/occasion.h"
#include "core/report.h"
#include "base/text.h"
#include "notify/mail/settings.h"
#include "notify/words/speaker.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct mail_channel {
    const struct mail_settings *settings;
    const struct speaker *speaker;
    int outbox;    /* descriptor of the outbox folder */
    int64_t spent; /* milliseconds that relays had so far in this run; the round adds to it */
};

/* Shape of channel_port.tell, .flush and .heard with a struct mail_channel as context. At most one entry is added to
 * report->told, none when no relay is configured: sent (to = recipients that a relay took; the others wait in the
 * outbox), queued (to = recipients addressed), or failed. A relay that refuses or does not answer, for now or for good,
 * is followed by the next one; whoever none of them served waits for the next run, at most 14 days. Whom a relay may
 * have served, as it got the whole message and gave no answer, is unknown: the message goes to him once more, with the
 * same Message-ID, a night later and by another relay where there is one, and then no more. A test message is
 * never queued. Tell is false when for some recipient the message could neither be sent nor kept; when it is true and
 * `err` (given with kind ERROR_NONE) is set, that says why some still wait. Flush adds one entry (sent) for all that
 * the messages of earlier runs reached now. */
bool mail_tell(void *channel, struct report *report, const struct occasion *occasion, struct error *err);
bool mail_flush(void *channel, time_t now, struct report *report, struct strings *troubles, struct news *news,
                struct error *err);
bool mail_heard(void *channel, time_t at, struct error *err);

/* For doctor: connects to one relay, up to TLS and AUTH, and sends nothing. */
bool mail_probe(const struct mail_settings *settings, const char *relay, struct error *err) MUST_CHECK;

#endif
