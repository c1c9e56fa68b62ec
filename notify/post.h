/*
 * The one way in which every channel sends, keeps and tries again: a message is durable in the channel's outbox before
 * the first attempt, waits there until everybody has it, with growing pauses, and is given up after OUTBOX_KEEP. What a
 * message is and how it gets out is the channel's own. Nothing here reads the clock.
 */
#ifndef NOTIFY_POST_H
#define NOTIFY_POST_H

#include "base/error.h"
#include "base/text.h"
#include "core/news.h"
#include "core/occasion.h"
#include "core/report.h"
#include "notify/outbox.h"

#include <stdbool.h>
#include <time.h>

enum post_result {
    POST_SERVED,
    POST_FAILED,
    POST_UNCLEAR, /* whoever was not served may have it: the other side got it whole and did not answer */
    POST_NOT_TRIED
};

struct post {
    const char *channel; /* its name in report->told */
    const char *whom;    /* who is waited for, where the recipients are none to be counted; else NULL */
    bool threaded;       /* later messages can be hung below one of this channel */
    int outbox;          /* descriptor of the channel's outbox folder; -1 = there is none */
    void *context;       /* of the functions below */

    /* Words the message for an occasion as an item without a name. */
    bool (*make)(void *context, const struct report *report, const struct occasion *occasion,
                 struct outbox_item *ret_item, struct error *err);

    /* Tries an item, kept or not (without a name). Who is served leaves item->to, and item->served says that somebody
     * was. Who may have been goes to item->unclear, or, when that was so already, is counted in item->lost.
     * POST_NOT_TRIED for a kept one that has to wait for a later run. The error says why anybody is left. */
    enum post_result (*deliver)(void *context, struct outbox_item *item, struct error *err);
};

/* One message. Adds one entry to report->told: sent (to = those that were served; the others wait), unknown (to =
 * those who may have it), queued (to = all that were addressed) or failed. False when for some recipient it could
 * neither be sent nor kept; when it is true and `err` (given with kind ERROR_NONE) is set, that says why some still
 * wait. A test message is never kept. */
bool post_tell(const struct post *post, struct report *report, const struct occasion *occasion, struct error *err);

/* Tries what earlier runs left. Adds one entry (sent) for all that was reached now. */
bool post_flush(const struct post *post, time_t now, struct report *report, struct strings *troubles, struct news *news,
                struct error *err);

#endif
