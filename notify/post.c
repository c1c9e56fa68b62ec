#include "notify/post.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"

/* `item`: the new message that was sent or kept, NULL when there is none. */
static void add_told(const struct post *post, struct report *report, enum told_result result, size_t to,
                     const struct outbox_item *item) {
    struct told told = {.channel = post->channel, .result = result, .to = to};

    if (report->told_count == TOLD_MOST)
        return;
    if (post->threaded && item && strlen(item->id) < THREAD_ID_SIZE) {
        memcpy(told.thread.id, item->id, strlen(item->id));
        (void)text_printable(told.thread.topic, sizeof told.thread.topic, item->subject, strlen(item->subject));
    }
    report->told[report->told_count++] = told;
}

/* Keeps what is left of an item after an attempt that did not serve everybody. */
static bool keep(const struct post *post, struct outbox_item *item, const struct error *why, time_t now,
                 struct error *err) {
    char *reason = strdup(why->text);

    if (!reason)
        return error_memory(err);
    free(item->reason);
    item->reason = reason;
    outbox_postpone(item, now);
    return outbox_save(post->outbox, item, err);
}

/* Sends an item that is in the outbox or, when `kept` is false, nowhere but in memory. */
static bool tell_item(const struct post *post, struct report *report, struct outbox_item *item, bool kept,
                      struct error *err) {
    const size_t addressed = item->to.count;
    struct error why = {0};
    struct error unkept = {0};
    const enum post_result result = post->deliver(post->context, item, &why);
    const bool tried = result == POST_FAILED || result == POST_UNCLEAR;
    const size_t unclear = item->unclear.count + item->lost;
    const size_t served = addressed - item->to.count - unclear;

    if (result == POST_SERVED) {
        add_told(post, report, TOLD_SENT, served, item);
        if (kept && !file_remove(post->outbox, item->name, &why))
            error_set(err, why.kind, "the message was sent, but will be sent again: %s", why.text);
        return true;
    }
    if (tried)
        error_set(err, why.kind, "%s", why.text);
    /* When the file cannot be rewritten it is still there as it was: everybody gets the message, some perhaps twice. */
    if (tried && kept && !keep(post, item, &why, report->checked_at, &unkept))
        error_set(err, unkept.kind, "%s. Then: %s", why.text, unkept.text);
    if (served > 0)
        add_told(post, report, TOLD_SENT, served, item);
    else if (unclear > 0)
        add_told(post, report, TOLD_UNKNOWN, unclear, item);
    else if (kept)
        add_told(post, report, TOLD_QUEUED, addressed, item);
    else
        add_told(post, report, TOLD_FAILED, 0, NULL);
    return kept;
}

bool post_tell(const struct post *post, struct report *report, const struct occasion *occasion, struct error *err) {
    struct outbox_item item = {0};
    struct error unkept = {0};
    struct error why = {0};
    bool kept;
    bool ok;

    if (!post->make(post->context, report, occasion, &item, err)) {
        add_told(post, report, TOLD_FAILED, 0, NULL);
        return false;
    }
    /* A test is for the person who waits for its result: coming hours later it would only confuse. What cannot be kept
     * is sent all the same. */
    kept = occasion->kind != OCCASION_TEST && post->outbox >= 0 && outbox_add(post->outbox, &item, &unkept);
    ok = tell_item(post, report, &item, kept, &why);
    if (why.kind != ERROR_NONE && unkept.kind != ERROR_NONE)
        error_set(err, unkept.kind, "%s. And: %s", why.text, unkept.text);
    else if (why.kind != ERROR_NONE)
        error_set(err, why.kind, "%s", why.text);
    else if (unkept.kind != ERROR_NONE)
        error_set(err, unkept.kind, "the message was sent, but %s", unkept.text);
    outbox_item_free(&item);
    return ok;
}

/* "2 recipients", or who the channel says it is. */
static void add_whom(const struct post *post, const struct outbox_item *item, struct text *out) {
    const size_t count = item->to.count + item->unclear.count + item->lost;

    if (post->whom)
        text_add(out, post->whom);
    else
        text_format(out, "%zu %s", count, count == 1 ? "recipient" : "recipients");
}

/* What becomes of a waiting message that not everybody got. */
static void note_left(const struct post *post, struct outbox_item *item, const struct error *why, bool given_up,
                      time_t now, struct strings *troubles) {
    char created[TIME_TEXT_SIZE];
    struct error unkept = {0};
    struct text whom = {0};

    (void)time_format_rfc3339(created, item->created);
    add_whom(post, item, &whom);
    troubles->failed = troubles->failed || whom.failed;
    if (given_up) {
        strings_add(troubles, "The message \"%s\" of %s was given up after %d days, for %s: %s", item->subject, created,
                    (int)(OUTBOX_KEEP / SECONDS_PER_DAY), whom.value ? whom.value : "", why->text);
        if (!outbox_give_up(post->outbox, item, &unkept))
            strings_add(troubles, "It cannot be removed from the outbox, or not be counted: %s", unkept.text);
    } else if (item->to.count == 0 && item->unclear.count == 0) {
        strings_add(troubles,
                    "The message \"%s\" of %s was handed over twice for %s, and it is not known whether it was taken; "
                    "it is not sent again. %s%s. %s",
                    item->subject, created, whom.value ? whom.value : "",
                    post->whom ? "Look into the room" : "The relays' logs know: look for its Message-ID ",
                    post->whom ? "" : item->id, why->text);
        if (!outbox_give_up(post->outbox, item, &unkept))
            strings_add(troubles, "It cannot be removed from the outbox, or not be counted: %s", unkept.text);
    } else {
        strings_add(troubles, "The message \"%s\" of %s still waits for %s: %s", item->subject, created,
                    whom.value ? whom.value : "", why->text);
        if (!keep(post, item, why, now, &unkept))
            strings_add(troubles, "Its attempt could not be noted in the outbox: %s", unkept.text);
    }
    text_free(&whom);
}

/* Tries one waiting message again. Returns how many recipients it reached. */
static size_t flush_item(const struct post *post, struct outbox_item *item, time_t now, struct strings *troubles) {
    const bool given_up = now - item->created >= OUTBOX_KEEP;
    const size_t waiting = item->to.count + item->unclear.count;
    char created[TIME_TEXT_SIZE];
    struct error why = {0};
    const enum post_result result = post->deliver(post->context, item, &why);

    if (result == POST_SERVED && !file_remove(post->outbox, item->name, &why))
        strings_add(troubles, "The message \"%s\" of %s was sent, but will be sent again: %s", item->subject,
                    time_format_rfc3339(created, item->created), why.text);
    if (result == POST_FAILED || result == POST_UNCLEAR || (result == POST_NOT_TRIED && given_up))
        note_left(post, item, &why, given_up, now, troubles);
    return waiting - item->to.count - item->unclear.count - item->lost;
}

bool post_flush(const struct post *post, time_t now, struct report *report, struct strings *troubles, struct news *news,
                struct error *err) {
    struct strings names = {0};
    size_t served = 0;

    if (post->outbox < 0)
        return true;
    if (!outbox_list(post->outbox, &names, err))
        return false;
    for (size_t i = 0; i < names.count; i++) {
        struct outbox_item item = {0};
        struct error why = {0};

        if (outbox_load(post->outbox, names.items[i], &item, &why)) {
            if (outbox_due(&item, now)) {
                served += flush_item(post, &item, now, troubles);
                news_note(news, item.created, item.served);
            }
        } else if (why.kind != ERROR_NONE) {
            const bool damaged = why.kind == ERROR_DATA;

            news->unclear = true;
            strings_add(troubles, "%s%s", why.text, damaged ? "; it was set aside" : "");
            if (damaged && !file_set_aside(post->outbox, names.items[i], now, &why))
                strings_add(troubles, "%s", why.text);
        }
        outbox_item_free(&item);
    }
    if (served > 0)
        add_told(post, report, TOLD_SENT, served, NULL);
    strings_free(&names);
    return true;
}
