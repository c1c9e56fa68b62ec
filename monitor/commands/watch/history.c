#include "monitor/commands/commands.h"
#include "monitor/session/answer.h"
#include "monitor/session/load.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/time.h"
#include "monitor/ports/outboxes.h"
#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/state/history.h"
#include "monitor/state/state.h"
#include "monitor/state/values.h"

struct history_options {
    char *since;
};

/* "2026-12-24", "2026-12-24T02:00:00Z", or "30d": that long ago. */
static bool parse_since(const char *text, time_t now, time_t *ret_since) {
    const size_t length = strlen(text);
    struct span span;

    if (length < 2 || text[length - 1] != 'd' || !span_parse(text, &span, NULL))
        return time_parse_typed(text, ret_since, NULL);
    *ret_since = now - (time_t)span.seconds;
    return true;
}

static void print_text(const struct history *history, size_t first, const struct strings *waiting) {
    for (size_t i = first; i < history->event_count; i++) {
        const struct event *event = &history->events[i];
        char at[TIME_TEXT_SIZE];

        printf("%s  %-7s  %s", time_format_rfc3339(at, event->at), event->kind, event->text);
        if (event->by != NULL)
            printf("  [by %s: %s]", event->by, event->command != NULL ? event->command : "?");
        putchar('\n');
    }
    if (history->event_count == 0)
        puts("Nothing has been done, and nobody notified, yet.");
    else if (first == history->event_count)
        puts("Nothing has been done, and nobody notified, since then.");
    for (size_t i = 0; i < waiting->count; i++)
        puts(waiting->items[i]);
}

static bool print_json(const struct invocation *invocation, const struct history *history, size_t first,
                       const struct strings *waiting) {
    json_t *events = json_array();

    for (size_t i = first; i < history->event_count; i++) {
        const struct event *event = &history->events[i];

        values_append(&events, json_pack("{s:o, s:s, s:s, s:s?, s:s?}", "at", values_time(event->at), "kind",
                                         event->kind, "text", event->text, "by", event->by, "command", event->command));
    }
    return answer_object(invocation, json_pack("{s:o, s:o}", "events", events, "waiting", values_strings(waiting)));
}

/* Events stand in the order in which they were noted: the first one since then. */
static size_t first_since(const struct history *history, time_t since) {
    size_t first = 0;

    while (first < history->event_count && history->events[first].at < since)
        first++;
    return first;
}

static int run(const struct invocation *invocation) {
    const struct history_options *typed = invocation->options;
    struct history history = {0};
    struct strings waiting = {0};
    struct config config;
    struct state state;
    struct error err = {0};
    time_t since = 0;
    bool whole = true;
    int result = EXIT_FAILED;

    if (typed->since != NULL && !parse_since(typed->since, invocation->now, &since))
        return answer_misuse(invocation,
                             "--since is YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ (UTC) or a number of days as in 30d");
    if (!load_configuration(invocation, 0, &config, NULL))
        return EXIT_USAGE;
    if (!state_open(config.state_directory, STATE_READ, invocation->now, &state, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        config_free(&config);
        return EXIT_FAILED;
    }
    if (state.folder >= 0 && !history_load(state.folder, &history, &err)) {
        fprintf(stderr, "authcert: %s; the next run sets it aside and begins a new one\n", err.text);
    } else {
        const size_t first = typed->since != NULL ? first_since(&history, since) : 0;

        outboxes_list(state.folder, &waiting);
        if (invocation->format == FORMAT_JSON)
            whole = print_json(invocation, &history, first, &waiting);
        else
            print_text(&history, first, &waiting);
        strings_free(&waiting);
        result = answer_end(whole);
    }
    history_free(&history);
    state_close(&state);
    config_free(&config);
    return result;
}

static const struct command_option options[] = {
    {"since", "WHEN", offsetof(struct history_options, since),
     "only what is as new as this: YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ (UTC), or a number of days as in 30d"},
    {0},
};

const struct command command_history = {
    .name = "history",
    .arguments = "[--since WHEN]",
    .what = "what was seen and done and who was notified, by whom and by which command, newest last",
    .run = run,
    .options = options,
    .options_size = sizeof(struct history_options),
    .answers = ANSWERS_OBJECT,
};
