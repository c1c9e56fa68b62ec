#include "notify/mail/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "notify/mail/message.h"
#include "notify/outbox.h"
#include "notify/mail/smtp.h"

#define ADDRESS_MOST 254 /* RFC 5321 4.5.3.1.3, without the angle brackets */
#define LOCAL_PART_MOST 64

bool mail_address_valid(const char *address) {
    size_t length = strnlen(address, ADDRESS_MOST + 1);
    const char *at = strchr(address, '@');
    size_t local;

    if (length > ADDRESS_MOST || !at || !text_is_host_name(at + 1))
        return false;
    local = (size_t)(at - address);
    if (local == 0 || local > LOCAL_PART_MOST || address[0] == '.' || at[-1] == '.')
        return false;
    for (size_t i = 0; i < local; i++) {
        unsigned char byte = (unsigned char)address[i];

        if (byte <= 0x20 || byte > 0x7E || strchr("<>()[],;:\\\"", byte) || (byte == '.' && address[i + 1] == '.'))
            return false;
    }
    return true;
}

/* One round over the relays; those that did not answer are left out for the rest of it. */
struct round {
    const struct mail_channel *channel;
    bool *down; /* one per relay */
};

static bool round_begin(struct round *round, const struct mail_channel *channel, struct error *err) {
    *round = (struct round){.channel = channel, .down = calloc(channel->settings->relays.count, sizeof(bool))};
    return round->down ? true : error_memory(err);
}

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

/* Tries the relays in order until every recipient is served; those who are leave item->to. False with what each relay
 * said when some are left. */
static bool round_deliver(struct round *round, struct outbox_item *item, struct error *err) {
    const struct mail_settings *settings = round->channel->settings;
    struct smtp_letter letter = {.from = item->from, .to = &item->to, .text = item->text, .length = strlen(item->text)};
    struct text reasons = {0};
    struct error why = {0};
    bool served = false;

    letter.taken = calloc(item->to.count, sizeof *letter.taken);
    if (!letter.taken)
        return error_memory(err);
    for (size_t i = 0; i < settings->relays.count && !served; i++) {
        bool reached;

        if (round->down[i])
            continue;
        served = smtp_send(settings, settings->relays.items[i], round->channel->sender->host, &letter, &reached, &why);
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
    text_free(&reasons);
    free(letter.taken);
    return served;
}

static bool set_reason(struct outbox_item *item, const struct error *why, struct error *err) {
    char *reason = strdup(why->text);

    if (!reason)
        return error_memory(err);
    free(item->reason);
    item->reason = reason;
    return true;
}

static bool make_item(const struct mail_channel *channel, const struct report *report, const struct occasion *occasion,
                      struct outbox_item *ret_item, struct error *err) {
    const struct mail_settings *settings = channel->settings;
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
    if (!message_compose(settings, channel->sender, &item.to, report, occasion, &message, err))
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

/* `item`: the new message that was sent or kept, NULL when there is none. */
static void add_told(struct report *report, enum told_result result, size_t to, const struct outbox_item *item) {
    struct told told = {.channel = "mail", .result = result, .to = to};

    if (report->told_count == TOLD_MOST)
        return;
    if (item && strlen(item->id) < THREAD_ID_SIZE) {
        memcpy(told.thread.id, item->id, strlen(item->id));
        (void)text_printable(told.thread.topic, sizeof told.thread.topic, item->subject, strlen(item->subject));
    }
    report->told[report->told_count++] = told;
}

/* Keeps what is left of an item after an attempt that did not serve everybody. */
static bool keep(const struct mail_channel *channel, struct outbox_item *item, const struct error *why, time_t now,
                 struct error *err) {
    outbox_postpone(item, now);
    return set_reason(item, why, err) && outbox_save(channel->outbox, item, err);
}

/* Sends an item that is in the outbox or, when `kept` is false, nowhere but in memory. */
static bool tell_item(const struct mail_channel *channel, struct report *report, struct outbox_item *item, bool kept,
                      struct error *err) {
    const size_t addressed = item->to.count;
    struct round round = {0};
    struct error why = {0};
    struct error unkept = {0};
    size_t taken;
    bool served;

    served = round_begin(&round, channel, &why) && round_deliver(&round, item, &why);
    free(round.down);
    taken = addressed - item->to.count;
    if (served) {
        add_told(report, TOLD_SENT, taken, item);
        if (kept && !file_remove(channel->outbox, item->name, &why))
            error_set(err, why.kind, "the message was sent, but will be sent again: %s", why.text);
        return true;
    }
    error_set(err, why.kind, "%s", why.text);
    /* When the file cannot be rewritten it is still there as it was: everybody gets the message, some perhaps twice. */
    if (kept && !keep(channel, item, &why, report->checked_at, &unkept))
        error_set(err, unkept.kind, "%s. Then: %s", why.text, unkept.text);
    add_told(report,
             taken > 0 ? TOLD_SENT
             : kept    ? TOLD_QUEUED
                       : TOLD_FAILED,
             taken > 0 ? taken
             : kept    ? addressed
                       : 0,
             taken > 0 || kept ? item : NULL);
    return kept;
}

bool mail_tell(void *context, struct report *report, const struct occasion *occasion, struct error *err) {
    const struct mail_channel *channel = context;
    struct outbox_item item = {0};
    struct error unkept = {0};
    struct error why = {0};
    bool kept = false;
    bool ok;

    if (channel->settings->relays.count == 0)
        return true;
    if (!make_item(channel, report, occasion, &item, err)) {
        add_told(report, TOLD_FAILED, 0, NULL);
        return false;
    }
    /* A test is for the person who waits for its result: coming hours later it would only confuse. */
    if (occasion->kind != OCCASION_TEST)
        kept = outbox_add(channel->outbox, &item, &unkept);
    /* What cannot be kept is sent all the same. */
    ok = tell_item(channel, report, &item, kept, &why);
    if (why.kind != ERROR_NONE && unkept.kind != ERROR_NONE)
        error_set(err, unkept.kind, "%s. And: %s", why.text, unkept.text);
    else if (why.kind != ERROR_NONE)
        error_set(err, why.kind, "%s", why.text);
    else if (unkept.kind != ERROR_NONE)
        error_set(err, unkept.kind, "the message was sent, but %s", unkept.text);
    outbox_item_free(&item);
    return ok;
}

/* Tries one waiting message again. Returns how many recipients it reached. */
static size_t flush_item(struct round *round, struct outbox_item *item, time_t now, struct strings *troubles) {
    const int folder = round->channel->outbox;
    const size_t waiting = item->to.count;
    char created[TIME_TEXT_SIZE];
    struct error why = {0};
    struct error unkept = {0};

    (void)time_format_rfc3339(created, item->created);
    if (round_deliver(round, item, &why)) {
        if (!file_remove(folder, item->name, &why))
            strings_add(troubles, "The message \"%s\" of %s was sent, but will be sent again: %s", item->subject,
                        created, why.text);
        return waiting;
    }
    if (now - item->created >= OUTBOX_KEEP) {
        strings_add(troubles, "The message \"%s\" of %s was given up after %d days, for %zu %s: %s", item->subject,
                    created, (int)(OUTBOX_KEEP / SECONDS_PER_DAY), item->to.count,
                    item->to.count == 1 ? "recipient" : "recipients", why.text);
        if (!outbox_give_up(folder, item, &unkept))
            strings_add(troubles, "It cannot be removed from the outbox, or not be counted: %s", unkept.text);
        return waiting - item->to.count;
    }
    strings_add(troubles, "The message \"%s\" of %s still waits for %zu %s: %s", item->subject, created, item->to.count,
                item->to.count == 1 ? "recipient" : "recipients", why.text);
    if (!keep(round->channel, item, &why, now, &unkept))
        strings_add(troubles, "Its attempt could not be noted in the outbox: %s", unkept.text);
    return waiting - item->to.count;
}

bool mail_heard(void *context, time_t at, struct error *err) {
    const struct mail_channel *channel = context;

    return outbox_heard(channel->outbox, at, err);
}

bool mail_flush(void *context, time_t now, struct report *report, struct strings *troubles, struct news *news,
                struct error *err) {
    const struct mail_channel *channel = context;
    size_t served = 0;
    struct strings names = {0};
    struct round round = {0};

    if (channel->settings->relays.count == 0 || channel->outbox < 0)
        return true;
    if (!outbox_list(channel->outbox, &names, err))
        return false;
    if (!round_begin(&round, channel, err)) {
        strings_free(&names);
        return false;
    }
    for (size_t i = 0; i < names.count; i++) {
        struct outbox_item item = {0};
        struct error why = {0};

        if (outbox_load(channel->outbox, names.items[i], &item, &why)) {
            if (outbox_due(&item, now)) {
                served += flush_item(&round, &item, now, troubles);
                news_note(news, item.created, item.served);
            }
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
    if (served > 0)
        add_told(report, TOLD_SENT, served, NULL);
    free(round.down);
    strings_free(&names);
    return true;
}

bool mail_probe(const struct mail_settings *settings, const char *relay, struct error *err) {
    return smtp_probe(settings, relay, "", err);
}
