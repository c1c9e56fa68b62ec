#include "monitor/commands/commands.h"

#include <stdio.h>

#include "monitor/decide/rehearsed.h"
#include "monitor/ports/outboxes.h"
#include "monitor/session/answer.h"
#include "monitor/session/verdict.h"
#include "monitor/show/systemd/timer.h"
#include "notify/words/calendar.h"

static void put_end(const struct report *report) {
    const struct certificate *current = report->facts->read ? report->facts->slot[SLOT_CURRENT].certificate : NULL;
    const time_t end = current != NULL ? current->not_after : report->known.end;
    char minute[CALENDAR_MINUTE_SIZE], distance[CALENDAR_DISTANCE_SIZE];

    if (end == 0) {
        puts("Ends:       not known");
        return;
    }
    printf("Ends:       %s, %s%s\n", calendar_minute(minute, end), calendar_distance(distance, end, report->checked_at),
           current != NULL ? "" : " (last known)");
}

/* The first date ahead on which something happens. */
static void put_next_event(const struct report *report) {
    const struct decision *decision = &report->decision;
    char minute[CALENDAR_MINUTE_SIZE];

    for (size_t i = 0; i < decision->due_count; i++)
        if (decision->due[i].at > report->checked_at) {
            printf("Next event: %s, %s\n", calendar_minute(minute, decision->due[i].at),
                   calendar_due(decision->due[i].what, false));
            return;
        }
    puts("Next event: none is dated");
}

static void put_runs(const struct invocation *invocation, const struct report *report, const struct history *history) {
    char minute[CALENDAR_MINUTE_SIZE], rehearsed[REHEARSED_PHRASE_SIZE];
    time_t next;

    printf("Mode:       %s; last run %s", mode_name(report->policy->mode),
           history->last_run != 0 ? calendar_minute(minute, history->last_run) : "never");
    if (!timer_next(invocation->config_path, &next))
        fputs("; the timer could not be asked for the next", stdout);
    else
        printf("; %s%s", next != 0 ? "next run " : "no next run: the timer is not active",
               next != 0 ? calendar_minute(minute, next) : "");
    /* No run rehearses there, and what a person typed is not kept. */
    printf("; %s\n", report->policy->mode == MODE_MONITOR && history->rehearsed.at == 0
                         ? "rehearse the emergency: authcert recover --rehearse"
                         : rehearsed_phrase(rehearsed, &history->rehearsed));
}

static void put_servers(const struct facts *facts) {
    const size_t counted = facts_counted(facts);

    if (!facts->read) {
        puts("Servers:    not known");
        return;
    }
    printf("Servers:    %zu; current is present on %zu, missing on %zu", counted,
           facts_count_presence(facts, SLOT_CURRENT, PRESENCE_PRESENT),
           facts_count_presence(facts, SLOT_CURRENT, PRESENCE_MISSING));
    if (facts->slots.thumbprint[SLOT_NEXT][0] != '\0')
        printf("; next is present on %zu", facts_count_presence(facts, SLOT_NEXT, PRESENCE_PRESENT));
    printf("; %zu did not answer\n", facts_count_presence(facts, SLOT_CURRENT, PRESENCE_UNREACHABLE));
}

static void put_channels(const struct config *config, int state) {
    static const char *const by[2][2] = {{"nobody: no channel is set", "by chat"}, {"by mail", "by mail and chat"}};
    const bool mail = config->mail.relays.count > 0, chat = config->webhook.url.length > 0;
    struct strings waiting = {0};

    if (state >= 0)
        outboxes_list(state, &waiting);
    printf("Notified:   %s; %zu %s\n", by[mail][chat], waiting.count,
           waiting.count == 1 ? "message waits" : "messages wait");
    strings_free(&waiting);
}

static bool answer(const struct invocation *invocation, const struct config *config, int state,
                   const struct glance *glance) {
    const struct report *report = &glance->report;

    if (invocation->format != FORMAT_TEXT)
        return answer_report(invocation, report);
    show_briefing(report, invocation->colour, stdout);
    put_end(report);
    put_next_event(report);
    put_runs(invocation, report, &glance->history);
    put_servers(report->facts);
    put_channels(config, state);
    return answer_end(true) == 0;
}

static int run(const struct invocation *invocation) {
    return verdict_run(invocation, GLANCE_LOOK, answer);
}

const struct command command_status = {
    .name = "status",
    .arguments = "",
    .what = "the state in eight lines; changes nothing, sends nothing",
    .run = run,
    .is_plugin = true,
};
