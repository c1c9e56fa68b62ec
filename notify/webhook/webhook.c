#include "notify/webhook/webhook.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "web/https.h"
#include "notify/outbox.h"
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
enum verdict { TAKEN, TOO_LONG, LATER, REFUSED };

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

static enum verdict post(struct webhook_channel *channel, const char *body, int64_t *ret_pause, struct error *err) {
    const struct https_request request = {.address = &channel->settings->url,
                                          .proxy = channel->settings->proxy,
                                          .type = "application/json",
                                          .body = body,
                                          .length = strlen(body)};
    struct https_answer answer;
    enum verdict verdict;

    if (!https_send(&request, &answer, err)) {
        error_context(err, "the webhook");
        channel->silent = true;
        return LATER;
    }
    channel->status = answer.status;
    verdict = judge(&answer, err);
    if (verdict == LATER) {
        channel->silent = true;
        *ret_pause = answer.retry_after;
    }
    return verdict;
}

static bool make_short(const struct webhook_channel *channel, struct outbox_item *item, struct error *err) {
    char *body = NULL;

    if (!webhook_body_short(channel->settings->format, channel->sender, item->subject, &body, err))
        return false;
    free(item->text);
    item->text = body;
    return true;
}

/* Sends an item; one that is too large for the other side is made short and sent once more. `ret_pause` is how long the
 * other side wants to be left alone, in seconds. */
static bool deliver(struct webhook_channel *channel, struct outbox_item *item, int64_t *ret_pause, struct error *err) {
    char *before = NULL;
    bool taken = false;
    enum verdict verdict;

    *ret_pause = 0;
    /* Kept under another format than the configuration's present one. */
    if (!has_format(item, channel->settings->format) && !make_short(channel, item, err))
        return false;
    verdict = post(channel, item->text, ret_pause, err);
    if (verdict != TOO_LONG)
        return verdict == TAKEN;
    before = strdup(item->text);
    if (before == NULL)
        return error_memory(err);
    if (make_short(channel, item, err) && strcmp(before, item->text) != 0)
        taken = post(channel, item->text, ret_pause, err) == TAKEN;
    free(before);
    return taken;
}

static void add_told(struct report *report, enum told_result result, size_t to) {
    if (report->told_count < TOLD_MOST)
        report->told[report->told_count++] = (struct told){.channel = "webhook", .result = result, .to = to};
}

/* Notes a failed attempt. */
static bool keep(const struct webhook_channel *channel, struct outbox_item *item, const struct error *why,
                 int64_t pause, time_t now, struct error *err) {
    char *reason = strdup(why->text);

    if (reason == NULL)
        return error_memory(err);
    free(item->reason);
    item->reason = reason;
    outbox_postpone(item, now);
    if (pause > OUTBOX_PAUSE_MOST)
        pause = OUTBOX_PAUSE_MOST;
    if (item->next_attempt < now + pause)
        item->next_attempt = now + pause;
    return outbox_save(channel->outbox, item, err);
}

static bool make_item(const struct webhook_channel *channel, const struct report *report,
                      const struct occasion *occasion, struct outbox_item *ret_item, struct error *err) {
    const enum webhook_format format = channel->settings->format;
    struct outbox_item item = {.created = report->checked_at, .next_attempt = report->checked_at};
    struct webhook_note note = {0};
    struct text id = {0};
    bool ok = false;

    if (!webhook_note_make(channel->sender, report, occasion, &note, err) ||
        !webhook_body(format, channel->sender, report, occasion, &item.text, err))
        goto out;
    text_format(&id, "%s.webhook%s", channel->sender->run_id, HOST);
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

/* Sends what is kept in the outbox or, when `kept` is false, nowhere but in memory. */
static bool tell_item(struct webhook_channel *channel, struct report *report, struct outbox_item *item, bool kept,
                      struct error *err) {
    struct error why = {0};
    struct error unkept = {0};
    int64_t pause;

    if (deliver(channel, item, &pause, &why)) {
        add_told(report, TOLD_SENT, 1);
        if (kept && !file_remove(channel->outbox, item->name, &unkept))
            error_set(err, unkept.kind, "the webhook was told, but will be told again: %s", unkept.text);
        return true;
    }
    error_set(err, why.kind, "%s", why.text);
    if (kept && !keep(channel, item, &why, pause, report->checked_at, &unkept))
        error_set(err, unkept.kind, "%s. Then: %s", why.text, unkept.text);
    add_told(report, kept ? TOLD_QUEUED : TOLD_FAILED, kept ? 1 : 0);
    return kept;
}

bool webhook_tell(void *context, struct report *report, const struct occasion *occasion, struct error *err) {
    struct webhook_channel *channel = context;
    struct outbox_item item = {0};
    struct error unkept = {0};
    struct error why = {0};
    bool kept = false;
    bool ok = true;

    if (channel->settings->url.value == NULL)
        return true;
    if (!make_item(channel, report, occasion, &item, err)) {
        add_told(report, TOLD_FAILED, 0);
        return false;
    }
    /* A test is for the person who waits for its result: coming hours later it would only confuse. */
    if (occasion->kind != OCCASION_TEST)
        kept = outbox_add(channel->outbox, &item, &unkept);
    if (kept && channel->silent)
        add_told(report, TOLD_QUEUED, 1);
    else
        ok = tell_item(channel, report, &item, kept, &why);
    if (why.kind != ERROR_NONE && unkept.kind != ERROR_NONE)
        error_set(err, unkept.kind, "%s. And: %s", why.text, unkept.text);
    else if (why.kind != ERROR_NONE)
        error_set(err, why.kind, "%s", why.text);
    else if (unkept.kind != ERROR_NONE)
        error_set(err, unkept.kind, "the webhook was told, but %s", unkept.text);
    outbox_item_free(&item);
    return ok;
}

/* Tries one waiting message again. True when it was taken. */
static bool flush_item(struct webhook_channel *channel, struct outbox_item *item, time_t now,
                       struct strings *troubles) {
    char created[TIME_TEXT_SIZE];
    struct error why = {0};
    struct error unkept = {0};
    int64_t pause = 0;

    (void)time_format_rfc3339(created, item->created);
    if (channel->silent) {
        error_set(&why, ERROR_NETWORK, "the webhook did not answer earlier in this run");
    } else if (deliver(channel, item, &pause, &why)) {
        if (!file_remove(channel->outbox, item->name, &why))
            strings_add(troubles, "The message \"%s\" of %s went to the webhook, but will go there again: %s",
                        item->subject, created, why.text);
        return true;
    }
    if (now - item->created >= OUTBOX_KEEP) {
        strings_add(troubles, "The message \"%s\" of %s was given up after %d days: %s", item->subject, created,
                    (int)(OUTBOX_KEEP / SECONDS_PER_DAY), why.text);
        if (!outbox_give_up(channel->outbox, item, &unkept))
            strings_add(troubles, "It cannot be removed from the outbox: %s", unkept.text);
        return false;
    }
    strings_add(troubles, "The message \"%s\" of %s still waits for the webhook: %s", item->subject, created, why.text);
    if (!keep(channel, item, &why, pause, now, &unkept))
        strings_add(troubles, "Its attempt could not be noted in the outbox: %s", unkept.text);
    return false;
}

bool webhook_heard(void *context, time_t at, struct error *err) {
    const struct webhook_channel *channel = context;

    return outbox_heard(channel->outbox, at, err);
}

bool webhook_flush(void *context, time_t now, struct report *report, struct strings *troubles, struct news *news,
                   struct error *err) {
    struct webhook_channel *channel = context;
    struct strings names = {0};
    size_t taken = 0;

    if (channel->settings->url.value == NULL || channel->outbox < 0)
        return true;
    if (!outbox_list(channel->outbox, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        struct outbox_item item = {0};
        struct error why = {0};

        if (outbox_load(channel->outbox, names.items[i], &item, &why)) {
            /* One that does not answer is not asked again; what is too old goes all the same. */
            const bool due = outbox_due(&item, now);
            const bool tried = due && (!channel->silent || now - item.created >= OUTBOX_KEEP);
            const bool reached = tried && flush_item(channel, &item, now, troubles);

            taken += reached ? 1 : 0;
            if (due)
                news_note(news, item.created, reached || item.served);
        } else if (why.kind == ERROR_DATA) {
            news->unclear = true;
            strings_add(troubles, "%s; it was set aside", why.text);
            if (!file_set_aside(channel->outbox, names.items[i], now, &why))
                strings_add(troubles, "%s", why.text);
        } else if (why.kind != ERROR_NONE) {
            news->unclear = true;
            strings_add(troubles, "%s", why.text);
        }
        outbox_item_free(&item);
    }
    if (taken > 0)
        add_told(report, TOLD_SENT, taken);
    strings_free(&names);
    return true;
}

bool webhook_probe(const struct webhook_settings *settings, struct error *err) {
    const struct https_request request = {.address = &settings->url, .proxy = settings->proxy};

    return https_probe(&request, err);
}
