#include "notify/mail/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "notify/mail/message.h"
#include "notify/mail/smtp.h"
#include "notify/post.h"

/* One round over the relays; those that did not answer are left out for the rest of it. */
struct round {
    struct mail_channel *channel;
    bool *down; /* one per relay; NULL before the first is tried */
};

/* One message on its way over the relays. */
struct passage {
    struct outbox_item *item;
    struct smtp_letter letter;
    bool *doubted;          /* one per recipient: a relay may have served him already */
    const char *unclear_by; /* the relay that left somebody in doubt now; NULL = none did */
    struct text reasons;
    struct error why; /* of the last relay that did not serve everybody */
};

static int64_t time_left(const struct round *round) {
    const struct patience *patience = round->channel->settings->patience;

    return (patience ? patience : &patience_standard)->run - round->channel->spent;
}

static size_t waiting(const struct smtp_letter *letter) {
    size_t count = 0;

    for (size_t i = 0; i < letter->to->count; i++)
        count += letter->outcome[i] == SMTP_WAITS ? 1 : 0;
    return count;
}

static void try_relay(struct round *round, struct passage *passage, size_t place) {
    const struct mail_settings *settings = round->channel->settings;
    const char *relay = settings->relays.items[place];
    const char *host = round->channel->speaker->host;
    const int64_t begun = clock_milliseconds();
    bool reached = true, served = false;

    passage->letter.most = time_left(round);
    if (passage->letter.most > 0)
        served = smtp_send(settings, relay, host, &passage->letter, &reached, &passage->why);
    else
        error_set(&passage->why, ERROR_NETWORK,
                  "the relay %s was not asked: the time that a run has for mail is used up; a later run tries again",
                  relay);
    round->channel->spent += clock_milliseconds() - begun;
    round->down[place] = !reached;
    for (size_t i = 0; i < passage->letter.to->count && passage->unclear_by == NULL; i++)
        if (passage->letter.outcome[i] == SMTP_UNCLEAR)
            passage->unclear_by = relay;
    if (!served)
        text_format(&passage->reasons, "%s%s", passage->reasons.length > 0 ? ". Then: " : "", passage->why.text);
}

/* In order; the relay that left somebody in doubt comes last. */
static void try_relays(struct round *round, struct passage *passage) {
    const struct strings *relays = &round->channel->settings->relays;
    const char *last = passage->item->unclear_by;

    for (int turn = 0; turn < 2; turn++)
        for (size_t i = 0; i < relays->count && waiting(&passage->letter) > 0; i++) {
            bool is_last = last != NULL && strcmp(relays->items[i], last) == 0;

            if (!round->down[i] && is_last == (turn == 1))
                try_relay(round, passage, i);
        }
}

/* Puts everybody where he belongs now: served, waiting, or in doubt for the first time; in doubt twice is given up. */
static bool sort_recipients(struct passage *passage) {
    struct outbox_item *item = passage->item;
    size_t kept = 0;

    for (size_t i = 0; i < item->to.count; i++) {
        enum smtp_outcome outcome = passage->letter.outcome[i];
        bool doubted = passage->doubted[i];

        item->served = item->served || outcome == SMTP_TAKEN;
        item->lost += doubted && outcome == SMTP_UNCLEAR ? 1 : 0;
        if ((doubted && outcome == SMTP_WAITS) || (!doubted && outcome == SMTP_UNCLEAR))
            strings_add(&item->unclear, "%s", item->to.items[i]);
        if (!doubted && outcome == SMTP_WAITS)
            item->to.items[kept++] = item->to.items[i];
        else
            free(item->to.items[i]);
    }
    item->to.count = kept;
    if (passage->unclear_by != NULL && item->unclear.count > 0) {
        free(item->unclear_by);
        item->unclear_by = strdup(passage->unclear_by);
        /* Not in the same night: until then the relay's answer may be known to its administrator. */
        item->pause = OUTBOX_PAUSE_MOST;
    }
    return !item->unclear.failed && (item->unclear.count == 0 || item->unclear_by != NULL);
}

/* Those in doubt are tried once more, beside those who wait. */
static bool begin_passage(struct round *round, struct outbox_item *item, struct passage *passage) {
    const size_t plain = item->to.count;

    for (size_t i = 0; i < item->unclear.count; i++)
        strings_add(&item->to, "%s", item->unclear.items[i]);
    strings_free(&item->unclear);
    if (!round->down)
        round->down = calloc(round->channel->settings->relays.count, sizeof *round->down);
    passage->letter.outcome = calloc(item->to.count + 1, sizeof *passage->letter.outcome);
    passage->doubted = calloc(item->to.count + 1, sizeof *passage->doubted);
    if (!round->down || !passage->letter.outcome || !passage->doubted || item->to.failed)
        return false;
    for (size_t i = plain; i < item->to.count; i++)
        passage->doubted[i] = true;
    return true;
}

/* Tries the relays in order until every recipient is served. The error is what each relay said when some are left. */
static enum post_result round_deliver(void *context, struct outbox_item *item, struct error *err) {
    struct passage passage = {
        .item = item,
        .letter = {.from = item->from, .to = &item->to, .text = item->text, .length = strlen(item->text)}};
    enum post_result result = POST_FAILED;

    item->lost = 0;
    if (!begin_passage(context, item, &passage)) {
        error_memory(err);
        goto out;
    }
    try_relays(context, &passage);
    if (!sort_recipients(&passage)) {
        error_memory(err);
        goto out;
    }
    if (item->to.count == 0 && item->unclear.count == 0 && item->lost == 0)
        result = POST_SERVED;
    else if (item->to.count == 0 && passage.unclear_by != NULL)
        result = POST_UNCLEAR;
    if (result != POST_SERVED && (passage.reasons.failed || !passage.reasons.value))
        error_set(err, ERROR_NETWORK, "no relay answered earlier in this run");
    else if (result != POST_SERVED)
        error_set(err, passage.why.kind, "%s", passage.reasons.value);
out:
    text_free(&passage.reasons);
    free(passage.letter.outcome);
    free(passage.doubted);
    return result;
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
