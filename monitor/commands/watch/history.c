#include "monitor/commands/commands.h"
#include "monitor/session/answer.h"
#include "monitor/session/load.h"

#include <stdio.h>

#include "base/time.h"
#include "monitor/run/exit.h"
#include "monitor/state/history.h"
#include "monitor/state/state.h"
#include "monitor/ports/outboxes.h"

static int run(const struct invocation *invocation) {
    struct history history = {0};
    struct strings waiting = {0};
    struct config config;
    struct state state;
    struct error err = {0};
    int result = EXIT_FAILED;

    if (!load_configuration(invocation, 0, &config, NULL))
        return EXIT_USAGE;
    if (!state_open(config.state_directory, STATE_READ, invocation->now, &state, &err)) {
        fprintf(stderr, "authcert: %s\n", err.text);
        config_free(&config);
        return EXIT_FAILED;
    }
    if (state.folder >= 0 && !history_load(state.folder, &history, &err)) {
        fprintf(stderr, "authcert: %s; the next run sets it aside and begins anew\n", err.text);
    } else {
        for (size_t i = 0; i < history.event_count; i++) {
            char at[TIME_TEXT_SIZE];

            printf("%s  %-7s  %s\n", time_format_rfc3339(at, history.events[i].at), history.events[i].kind,
                   history.events[i].text);
        }
        if (history.event_count == 0)
            puts("Nothing has been done or told yet.");
        outboxes_list(state.folder, &waiting);
        for (size_t i = 0; i < waiting.count; i++)
            puts(waiting.items[i]);
        strings_free(&waiting);
        result = answer_end(true);
    }
    history_free(&history);
    state_close(&state);
    config_free(&config);
    return result;
}

const struct command command_history = {
    .name = "history",
    .arguments = "",
    .what = "what was seen, done and told, newest last",
    .run = run,
};
