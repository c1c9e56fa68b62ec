#include "notify/mail/mail.h"

#include <stdlib.h>
#include <string.h>

#include "notify/mail/message.h"
#include "notify/mail/smtp.h"
#include "notify/post.h"

/* One round over the relays; those that did not answer are left out for the rest of it. */
struct round {
    const struct mail_channel *channel;
    bool *down; /* one per relay; NULL before the first is tried */
};

/* Drops the recipients that were served. */
static void drop_taken(struct strings *to, const bool *taken) {
    size_t kept = 0;

    for (size_t i = 0; i < to->count; i++) {
        if (taken[i])
            free(to->items[i]);
        else
            to->items[kept++] = to->items[i];
    }
    to->count = kept;
}

/* Tries the relays in order until every recipient is served. The error is what each relay said when some are left. */
static enum post_result round_deliver(void *context, struct outbox_item *item, struct error *err) {
    struct round *round = context;
    const struct mail_settings *settings = round->channel->settings;
    struct smtp_letter letter = {.from = item->from, .to = &item->to, .text = item->text, .length = strlen(item->text)};
    struct text reasons = {0};
    struct error why = {0};
    bool served = false;

    if (!round->down)
        round->down = calloc(settings->relays.count, sizeof *round->down);
    letter.taken = calloc(item->to.count, sizeof *letter.taken);
    if (!round->down || !letter.taken) {
        error_memory(err);
        goto out;
    }
    for (size_t i = 0; i < settings->relays.count && !served; i++) {
        bool reached;

        if (round->down[i])
            continue;
        served = smtp_send(settings, settings->relays.items[i], round->channel->speaker->host, &letter, &reached, &why);
        round->down[i] = !reached;
        if (!served)
            text_format(&reasons, "%s%s", reasons.length > 0 ? ". Then: " : "", why.text);
    }
    for (size_t i = 0; i < item->to.count; i++)
        item->served = item->served || letter.taken[i];
    drop_taken(&item->to, letter.taken);
    if (!served && (reasons.failed || !reasons.value))
        error_set(err, ERROR_NETWORK, "no relay answered earlier in this run");
    else if (!served)
        error_set(err, why.kind, "%s", reasons.value);
out:
    text_free(&reasons);
    free(letter.taken);
    return served ? POST_SERVED : POST_FAILED;
}

static bool make_item(void *context, const struct report *report, const struct occasion *occasion,
                      struct outbox_item *ret_item, struct error *err) {
    const struct round *round = context;
    const struct mail_settings *settings = round->channel->settings;
    struct outbox_item item = {.created = report->checked_at, .next_attempt = report->checked_at};
    struct message message = {0};
    bool ok = false;

    for (size_t i = 0; i < settings->to.count; i++)
        if (!strings_contain(&item.to, settings->to.items[i]))
            strings_add(&item.to, "%s", settings->to.items[i]);
    for (size_t i = 0; occasion->escalate && i < settings->escalate_to.count; i++)
        if (!strings_contain(&item.to, settings->escalate_to.items[i]))
            strings_add(&item.to, "%s", settings->escalate_to.items[i]);
    if (item.to.failed) {
        error_memory(err);
        goto out;
    }
    if (item.to.count == 0) {
        error_set(err, ERROR_CONFIG, "no mail can be sent: [mail] has a relay but no recipient; set to");
        goto out;
    }
    if (!message_compose(settings, round->channel->speaker, &item.to, report, occasion, &message, err))
        goto out;
    item.from = strdup(settings->from);
    item.reason = strdup("");
    if (!item.from || !item.reason) {
        error_memory(err);
        goto out;
    }
    item.id = message.id;
    item.subject = message.subject;
    item.text = message.text;
    message = (struct message){0};
    *ret_item = item;
    item = (struct outbox_item){0};
    ok = true;
out:
    message_free(&message);
    outbox_item_free(&item);
    return ok;
}

static struct post post_of(struct round *round) {
    return (struct post){.channel = "mail",
                         .threaded = true,
                         .outbox = round->channel->outbox,
                         .context = round,
                         .make = make_item,
                         .deliver = round_deliver};
}

bool mail_tell(void *channel, struct report *report, const struct occasion *occasion, struct error *err) {
    struct round round = {.channel = channel};
    const struct post post = post_of(&round);
    bool ok = round.channel->settings->relays.count == 0 || post_tell(&post, report, occasion, err);

    free(round.down);
    return ok;
}

bool mail_flush(void *channel, time_t now, struct report *report, struct strings *troubles, struct news *news,
                struct error *err) {
    struct round round = {.channel = channel};
    const struct post post = post_of(&round);
    bool ok = round.channel->settings->relays.count == 0 || post_flush(&post, now, report, troubles, news, err);

    free(round.down);
    return ok;
}

bool mail_heard(void *context, time_t at, struct error *err) {
    const struct mail_channel *channel = context;

    return outbox_heard(channel->outbox, at, err);
}

bool mail_probe(const struct mail_settings *settings, const char *relay, struct error *err) {
    return smtp_probe(settings, relay, "", err);
}
