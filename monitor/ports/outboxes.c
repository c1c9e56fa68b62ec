#include "monitor/ports/outboxes.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "monitor/ports/notify.h"
#include "notify/outbox.h"

#define NAMED_MOST 8 /* recipients that are named */

static void add_item(const char *channel, const struct outbox_item *item, struct strings *sentences) {
    char since[TIME_TEXT_SIZE], next[TIME_TEXT_SIZE], subject[THREAD_TOPIC_SIZE], reason[ERROR_TEXT_SIZE];
    struct text to = {0};

    size_t named = 0;

    for (size_t i = 0; i < item->to.count; i++)
        text_add_name(&to, item->to.items[i], named++, NAMED_MOST);
    for (size_t i = 0; i < item->unclear.count; i++)
        text_add_name(&to, item->unclear.items[i], named++, NAMED_MOST);
    text_add_more(&to, named, NAMED_MOST);
    (void)text_printable(subject, sizeof(subject), item->subject, strlen(item->subject));
    (void)text_printable(reason, sizeof(reason), item->reason, strlen(item->reason));
    strings_add(sentences, "%s  waits    \"%s\" by %s for %s; %d %s so far, the next not before %s%s%s",
                time_format_rfc3339(since, item->created), subject, channel, to.failed ? "its recipients" : to.value,
                item->attempts, item->attempts == 1 ? "attempt" : "attempts",
                time_format_rfc3339(next, item->next_attempt), reason[0] != '\0' ? ": " : "", reason);
    if (item->unclear.count > 0 && strcmp(channel, "webhook") == 0)
        strings_add(
            sentences,
            "%s  unclear  whether the webhook took it is not known; look into the room; it is sent once more, and "
            "then no more",
            since);
    else if (item->unclear.count > 0)
        strings_add(
            sentences,
            "%s  unclear  whether %s took it for %zu of these is not known; its log knows, by the Message-ID %s; "
            "it is sent to them once more, and then no more",
            since, item->unclear_by != NULL ? item->unclear_by : "the other side", item->unclear.count, item->id);
    text_free(&to);
}

static void add_outbox(int state, const char *channel, const char *folder_name, struct strings *sentences) {
    struct strings names = {0};
    struct error err = {0};
    int folder = -1;

    if (!folder_open(state, folder_name, false, 0, true, &folder, &err)) {
        if (err.kind != ERROR_NONE)
            strings_add(sentences, "whether messages wait to be sent by %s cannot be seen: %s", channel, err.text);
        return;
    }
    if (!outbox_list(folder, &names, &err))
        strings_add(sentences, "whether messages wait to be sent by %s cannot be seen: %s", channel, err.text);
    for (size_t i = 0; i < names.count; i++) {
        struct outbox_item item = {0};

        err = (struct error){0};
        if (outbox_load(folder, names.items[i], &item, &err))
            add_item(channel, &item, sentences);
        else if (err.kind != ERROR_NONE)
            strings_add(sentences, "a message that waits to be sent by %s cannot be read: %s", channel, err.text);
        outbox_item_free(&item);
    }
    strings_free(&names);
    close(folder);
}

void outboxes_abandon(int state, const char *outbox, const char *channel, time_t now, struct strings *troubles) {
    struct strings names = {0};
    int folder = -1;

    if (!folder_open(state, outbox, false, 0, true, &folder, NULL))
        return;
    if (!outbox_list(folder, &names, NULL))
        names = (struct strings){0};
    for (size_t i = 0; i < names.count; i++) {
        struct outbox_item item = {0};
        char created[TIME_TEXT_SIZE];
        struct error err = {0};

        if (outbox_load(folder, names.items[i], &item, NULL) && now - item.created >= OUTBOX_KEEP) {
            strings_add(troubles, "The message \"%s\" of %s was given up after %d days: %s is configured no more",
                        item.subject, time_format_rfc3339(created, item.created), (int)(OUTBOX_KEEP / SECONDS_PER_DAY),
                        channel);
            if (!outbox_give_up(folder, &item, &err))
                strings_add(troubles, "It cannot be removed from the outbox, or not be counted: %s", err.text);
        }
        outbox_item_free(&item);
    }
    strings_free(&names);
    close(folder);
}

void outboxes_list(int state, struct strings *ret_sentences) {
    *ret_sentences = (struct strings){0};
    if (state < 0)
        return;
    add_outbox(state, "mail", MAIL_OUTBOX, ret_sentences);
    add_outbox(state, "webhook", WEBHOOK_OUTBOX, ret_sentences);
}
