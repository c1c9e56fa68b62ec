#include "notify/words/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

char *calendar_minute(char out[CALENDAR_MINUTE_SIZE], time_t at) {
    char full[TIME_TEXT_SIZE], local[CALENDAR_MINUTE_SIZE];
    struct tm tm;

    (void)time_format_rfc3339(full, at); /* 2026-12-12T02:00:00Z */
    if (strlen(full) < sizeof("2026-12-12T02:00") - 1 || localtime_r(&at, &tm) == NULL || tm.tm_gmtoff == 0 ||
        strftime(local, sizeof(local), "%Y-%m-%d %H:%M %Z", &tm) == 0)
        (void)snprintf(out, CALENDAR_MINUTE_SIZE, "%.10s %.5s UTC", full, strlen(full) > 16 ? full + 11 : "");
    else if (strncmp(local, full, 10) == 0)
        (void)snprintf(out, CALENDAR_MINUTE_SIZE, "%.40s (%.5s UTC)", local, full + 11);
    else
        (void)snprintf(out, CALENDAR_MINUTE_SIZE, "%.40s (%.10s %.5s UTC)", local, full, full + 11);
    return out;
}

char *calendar_distance(char out[CALENDAR_DISTANCE_SIZE], time_t at, time_t now) {
    const int64_t seconds = at > now ? (int64_t)at - now : (int64_t)now - at;
    const int64_t unit = seconds >= SECONDS_PER_DAY    ? SECONDS_PER_DAY
                         : seconds >= SECONDS_PER_HOUR ? SECONDS_PER_HOUR
                                                       : SECONDS_PER_MINUTE;
    const char *name = unit == SECONDS_PER_DAY ? "day" : unit == SECONDS_PER_HOUR ? "hour" : "minute";
    const int64_t count = seconds < unit ? 1 : seconds / unit;

    (void)snprintf(out, CALENDAR_DISTANCE_SIZE, "%s%" PRId64 " %s%s%s", at > now ? "in " : "", count, name,
                   count == 1 ? "" : "s", at > now ? "" : " ago");
    return out;
}

char *calendar_left(char out[CALENDAR_LEFT_SIZE], time_t end, time_t now) {
    char distance[CALENDAR_DISTANCE_SIZE];

    (void)snprintf(out, CALENDAR_LEFT_SIZE, "%s %s", end > now ? "ends" : "ended",
                   calendar_distance(distance, end, now));
    return out;
}

const char *calendar_due(enum due_what what, bool over) {
    switch (what) {
    case DUE_STAGE:
        return over ? "a new certificate has to be staged as next" : "a new certificate is due to be staged as next";
    case DUE_ACTIVATE:
        return over ? "next has to become current" : "next becomes current";
    case DUE_RETIRE:
        return "previous can be cleared";
    case DUE_WARN:
        return "the next warning, if nothing changes";
    case DUE_EXPIRE:
        return over ? "the current certificate has ended" : "the current certificate ends";
    }
    return "";
}

void calendar_add_due(struct layout *out, const struct report *report) {
    bool begun = false;
    char minute[CALENDAR_MINUTE_SIZE];

    for (size_t i = 0; i < report->decision.due_count && i < DUE_MOST; i++) {
        const struct due *due = &report->decision.due[i];
        const bool over = due->at <= report->checked_at;

        /* That current has ended already is said elsewhere. */
        if (over && due->what == DUE_EXPIRE)
            continue;
        if (!begun)
            layout_heading(out, "What comes next");
        begun = true;
        layout_item(out, "%s%s: %s", over ? "due since " : "", calendar_minute(minute, due->at),
                    calendar_due(due->what, over));
    }
}
