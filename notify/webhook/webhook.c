#include "notify/webhook/webhook.h"

#include <stdlib.h>
#include <string.h>

#include "web/https.h"
#include "notify/post.h"
#include "notify/webhook/body.h"
#include "notify/webhook/note.h"

/* A waiting message is an outbox item whose one recipient is FORMAT@webhook: what form its text has. */
#define HOST "@webhook"
#define FROM "authcert" HOST

const char *webhook_format_name(enum webhook_format format) {
    switch (format) {
    case WEBHOOK_TEAMS:
        return "teams";
    case WEBHOOK_SLACK:
        return "slack";
    case WEBHOOK_JSON:
        return "json";
    }
    return "";
}

static bool has_format(const struct outbox_item *item, enum webhook_format format) {
    const char *name = webhook_format_name(format);
    const char *to = item->to.count == 1 ? item->to.items[0] : "";

    return strncmp(to, name, strlen(name)) == 0 && strcmp(to + strlen(name), HOST) == 0;
}

/* What an answer means for a message. */
enum verdict { TAKEN, TOO_LONG, LATER, REFUSED, UNCLEAR };

static enum verdict judge(const struct https_answer *answer, struct error *err) {
    const char *said = answer->said;
    const char *before = said[0] != '\0' ? ", and said: " : "";
    const int status = answer->status;

    if (status >= 200 && status < 300)
        return TAKEN;
    if (status == 413) {
        error_set(err, ERROR_NETWORK, "the webhook answered 413: the message is too large for it");
        return TOO_LONG;
    }
    if (status == 429) {
        error_set(err, ERROR_NETWORK, "the webhook answered 429: too many messages; a later run tries again");
        return LATER;
    }
    if (status >= 500 || status == 408 || status == 425) {
        error_set(err, ERROR_NETWORK, "the webhook answered %d%s%s; it may take it later", status, before, said);
        return LATER;
    }
    if (status >= 300 && status < 400)
        error_set(err, ERROR_CONFIG,
                  "the webhook answered %d, a redirect, which is not followed since the address is a secret; put the "
                  "final address into url_file of [webhook]",
                  status);
    else if (status == 401 || status == 403 || status == 404 || status == 410)
        error_set(err, ERROR_CONFIG,
                  "the webhook answered %d%s%s; its address holds no more: make a new one and put it into url_file of "
                  "[webhook]",
                  status, before, said);
    else
        error_set(err, ERROR_CONFIG, "the webhook answered %d%s%s; check that format of [webhook] is what it wants",
                  status, before, said);
    return REFUSED;
}

/* One request. Who does not answer, or asks for patience, is left alone for the rest of the run. */
static enum verdict ask(struct webhook_channel *channel, struct outbox_item *item, struct error *err) {
    const struct https_request request = {.address = &channel->settings->url,
                                          .proxy = channel->settings->proxy,
                                          .type = "application/json",
                                          .body = item->text,
                                          .length = strlen(item->text)};
    struct https_answer answer;
    enum verdict verdict;
    bool unclear;

    if (!https_send(&request, &answer, &unclear, err)) {
        error_context(err, "the webhook%s",
                      unclear ? ", which got the message whole and did not say whether it took it" : "");
        channel->silent = true;
        return unclear ? UNCLEAR : LATER;
    }
    channel->status = answer.status;
    verdict = judge(&answer, err);
    if (verdict == LATER) {
        channel->silent = true;
        item->pause = answer.retry_after;
    }
    return verdict;
}

static bool make_short(const struct webhook_channel *channel, struct outbox_item *item, struct error *err) {
    char *body = NULL;

    if (!webhook_body_short(channel->settings->format, channel->speaker, item->subject, &body, err))
        return false;
    free(item->text);
    item->text = body;
    return true;
}

/* Asks; a message that is too large for the other side is made short and sent once more. */
static enum verdict send_item(struct webhook_channel *channel, struct outbox_item *item, struct error *err) {
    char *before = NULL;
    enum verdict verdict;

    /* Kept under another format than the configuration's present one. */
    if (!has_format(item, channel->settings->format) && !make_short(channel, item, err))
        return LATER;
    verdict = ask(channel, item, err);
    if (verdict != TOO_LONG)
        return verdict;
    before = strdup(item->text);
    if (before == NULL) {
        error_memory(err);
        return LATER;
    }
    if (make_short(channel, item, err) && strcmp(before, item->text) != 0)
        verdict = ask(channel, item, err);
    free(before);
    return verdict;
}

/* The one recipient goes from one list to the other. */
static void move(struct strings *from, struct strings *to) {
    strings_free(to);
    *to = *from;
    *from = (struct strings){0};
}

/* Once more, and not in the same night: until then a person may have seen it in the room. In doubt twice, no more. */
static enum post_result doubt(struct outbox_item *item, bool doubted) {
    if (doubted) {
        strings_free(&item->to);
        item->lost = 1;
    } else {
        move(&item->to, &item->unclear);
        item->pause = OUTBOX_PAUSE_MOST;
    }
    return POST_UNCLEAR;
}

static enum post_result deliver(void *context, struct outbox_item *item, struct error *err) {
    struct webhook_channel *channel = context;
    const bool doubted = item->unclear.count > 0;

    if (channel->silent && item->name != NULL) {
        error_set(err, ERROR_NETWORK, "the webhook did not answer earlier in this run");
        return POST_NOT_TRIED;
    }
    if (doubted)
        move(&item->unclear, &item->to);
    switch (send_item(channel, item, err)) {
    case TAKEN:
        strings_free(&item->to);
        item->served = true;
        return POST_SERVED;
    case UNCLEAR:
        return doubt(item, doubted);
    case TOO_LONG:
    case LATER:
    case REFUSED:
        break;
    }
    if (doubted)
        move(&item->to, &item->unclear);
    return POST_FAILED;
}

static bool make_item(void *context, const struct report *report, const struct occasion *occasion,
                      struct outbox_item *ret_item, struct error *err) {
    const struct webhook_channel *channel = context;
    const enum webhook_format format = channel->settings->format;
    struct outbox_item item = {.created = report->checked_at, .next_attempt = report->checked_at};
    struct webhook_note note = {0};
    struct text id = {0};
    bool ok = false;

    if (!webhook_note_make(channel->speaker, report, occasion, &note, err) ||
        !webhook_body(format, channel->speaker, report, occasion, &item.text, err))
        goto out;
    text_format(&id, "%s.webhook%s", channel->speaker->run_id, HOST);
    item.id = text_take(&id);
    item.subject = note.subject;
    note.subject = NULL;
    item.from = strdup(FROM);
    item.reason = strdup("");
    strings_add(&item.to, "%s%s", webhook_format_name(format), HOST);
    if (item.id == NULL || item.from == NULL || item.reason == NULL || item.to.failed) {
        error_memory(err);
        goto out;
    }
    *ret_item = item;
    item = (struct outbox_item){0};
    ok = true;
out:
    webhook_note_free(&note);
    text_free(&id);
    outbox_item_free(&item);
    return ok;
}

static struct post post_of(struct webhook_channel *channel) {
    return (struct post){.channel = "webhook",
                         .whom = "the webhook",
                         .outbox = channel->outbox,
                         .context = channel,
                         .make = make_item,
                         .deliver = deliver};
}

bool webhook_tell(void *context, struct report *report, const struct occasion *occasion, struct error *err) {
    struct webhook_channel *channel = context;
    const struct post post = post_of(channel);

    return channel->settings->url.value == NULL || post_tell(&post, report, occasion, err);
}

bool webhook_flush(void *context, time_t now, struct report *report, struct strings *troubles, struct news *news,
                   struct error *err) {
    struct webhook_channel *channel = context;
    const struct post post = post_of(channel);

    return channel->settings->url.value == NULL || post_flush(&post, now, report, troubles, news, err);
}

bool webhook_heard(void *context, time_t at, struct error *err) {
    const struct webhook_channel *channel = context;

    return outbox_heard(channel->outbox, at, err);
}

bool webhook_probe(const struct webhook_settings *settings, struct error *err) {
    const struct https_request request = {.address = &settings->url, .proxy = settings->proxy};

    return https_probe(&request, err);
}
