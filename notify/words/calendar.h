/*
 * Dates in words, the same ones in every form of telling: when, how far away, and what a date that comes means. Pure
 * wording.
 */
#ifndef NOTIFY_WORDS_CALENDAR_H
#define NOTIFY_WORDS_CALENDAR_H

#include "core/report.h"
#include "notify/words/layout.h"

#include <stdbool.h>
#include <time.h>

#define CALENDAR_MINUTE_SIZE 64
#define CALENDAR_DISTANCE_SIZE 48
#define CALENDAR_LEFT_SIZE 64

/* "2026-12-12 02:00 UTC". */
char *calendar_minute(char out[CALENDAR_MINUTE_SIZE], time_t at);

/* "in 21 days", "in less than a day", "2 days ago", ... as seen at `now`. */
char *calendar_distance(char out[CALENDAR_DISTANCE_SIZE], time_t at, time_t now);

/* "ends in 21 days", "ended 3 days ago", ... as seen at `now`. */
char *calendar_left(char out[CALENDAR_LEFT_SIZE], time_t end, time_t now);

/* What a date means: a sentence without its full stop; `over`: the date has passed. Static. */
const char *calendar_due(enum due_what what, bool over);

/* A heading and the dates that come or are due; nothing when there is none. */
void calendar_add_due(struct layout *out, const struct report *report);

#endif
