#include "monitor/run/channels.h"

#include <string.h>

#include "core/inventory/news.h"
#include "monitor/run/tell.h"

static const char *recipients(size_t count) {
    return count == 1 ? "recipient" : "recipients";
}

/* What was told, one entry of report->told after the other, from `from` on. */
static void add_told(struct text *text, const struct report *report, size_t from) {
    for (size_t i = from; i < report->told_count; i++) {
        const struct told *told = &report->told[i];

        text_format(text, "%s%s %s, %zu %s", i == from ? "" : "; ", told->channel, told_result_words(told->result),
                    told->to, recipients(told->to));
    }
}

static bool add_event(struct looker *looker, const char *kind, struct text *text, struct error *err) {
    bool ok = !text->failed ? history_add(looker->history, looker->now, kind, text->value ? text->value : "", err)
                            : error_memory(err);

    text_free(text);
    return ok;
}

/* News that somebody has are no failure of the channels where they still wait. */
static void note_heard(struct looker *looker, time_t at) {
    const struct run_ports *ports = looker->ports;

    for (size_t i = 0; i < ports->channel_count; i++) {
        struct error failure = {0};

        if (ports->channels[i].heard != NULL && !ports->channels[i].heard(ports->channels[i].context, at, &failure))
            strings_add(looker->troubles, "%s", failure.text);
    }
}

bool channels_flush(struct looker *looker, bool *ret_reached, struct error *err) {
    const struct run_ports *ports = looker->ports;
    struct report *report = looker->report;
    const size_t before = report->told_count;
    struct text text = {0};
    struct news news = {0};

    for (size_t i = 0; i < ports->channel_count; i++) {
        const struct channel_port *channel = &ports->channels[i];
        struct error failure = {0};
        bool sent = true;

        if (channel->flush != NULL) {
            progress_begin(&ports->progress, "sending what waits by %s", channel->name);
            sent = channel->flush(channel->context, looker->now, report, looker->troubles, &news, &failure);
            progress_end(&ports->progress);
        }
        if (sent)
            continue;
        news.unclear = true;
        strings_add(looker->troubles, "%s", failure.text);
    }
    for (size_t i = 0; i < news.count; i++)
        if (news.items[i].reached)
            note_heard(looker, news.items[i].at);
    *ret_reached = news_all_reached(&news);
    if (report->told_count == before)
        return true;
    text_add(&text, "what earlier runs could not send went out late (");
    add_told(&text, report, before);
    text_add(&text, ")");
    return add_event(looker, "told", &text, err);
}

/* One line about the look: when it was told, and when the status changed without a message. */
static bool note_told(struct looker *looker, const struct occasion *occasion, bool tried, size_t before,
                      struct error *err) {
    const struct report *report = looker->report;
    const struct history *history = looker->history;
    struct text text = {0};
    const char *kind = "seen";

    if (!tried && (history->told.status_known ? history->told.status : STATUS_OK) == report->decision.status)
        return true;
    if (occasion->kind == OCCASION_INVENTORY)
        text_format(&text, "the other certificates: %s", occasion->inventory->items[0].text);
    else
        text_format(&text, "%s: %s", status_name(report->decision.status), report->briefing.wrong);
    if (tried && report->told_count > before) {
        kind = "trouble";
        for (size_t i = before; i < report->told_count; i++)
            if (report->told[i].result == TOLD_SENT || report->told[i].result == TOLD_QUEUED)
                kind = "told";
        text_add(&text, " (");
        add_told(&text, report, before);
        text_add(&text, ")");
    }
    return add_event(looker, kind, &text, err);
}

/* Tells one channel; `missed` gets its name when it could neither send nor keep the message. */
static void tell_one(struct looker *looker, const struct channel_port *channel, const struct occasion *occasion,
                     struct telling *telling, struct strings *missed) {
    struct report *report = looker->report;
    const size_t before = report->told_count;
    struct error failure = {0};
    bool kept;

    progress_begin(&looker->ports->progress, "telling by %s", channel->name);
    kept = channel->tell(channel->context, report, occasion, &failure);
    progress_end(&looker->ports->progress);

    if (failure.kind != ERROR_NONE)
        strings_add(looker->troubles, "%s", failure.text);
    if (!kept)
        strings_add(missed, "%s", channel->name);
    telling->kept = telling->kept || kept;
    if (kept && (report->told_count == before || report->told[before].result == TOLD_SENT))
        telling->sent = true;
}

bool channels_tell(struct looker *looker, const struct occasion *occasion, struct telling *ret_telling,
                   struct error *err) {
    const struct run_ports *ports = looker->ports;
    struct telling telling = {.before = looker->report->told_count};
    bool is_new = occasion->kind != OCCASION_NONE, tried = false;
    struct occasion again = tell_again(looker->report, looker->history);
    struct strings missed = {0};

    for (size_t i = 0; i < ports->channel_count; i++) {
        const struct channel_port *channel = &ports->channels[i];

        if (!is_new && !strings_contain(&looker->history->missed, channel->name))
            continue;
        tried = true;
        tell_one(looker, channel, is_new ? occasion : &again, &telling, &missed);
    }
    if (is_new && telling.sent)
        note_heard(looker, looker->report->checked_at);
    /* What nobody was told is news to all of them in the next run. */
    if (is_new && !telling.kept)
        strings_free(&missed);
    strings_free(&looker->history->missed);
    looker->history->missed = missed;
    /* Another channel told it last time. */
    if (!is_new || ports->channel_count == 0)
        telling.kept = telling.sent = true;
    *ret_telling = telling;
    if (missed.failed)
        return error_memory(err);
    return note_told(looker, occasion, tried || is_new, telling.before, err);
}
