/*
 * A report in the four formats. Each function writes the whole answer to `out`; nothing here judges. Strings in the
 * report are printable already. True when everything was written.
 */
#ifndef MONITOR_SHOW_SHOW_H
#define MONITOR_SHOW_SHOW_H

#include "base/file.h"
#include "core/occasion.h"
#include "core/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <jansson.h>

/* "OK", "WARNING", "CRITICAL", "UNKNOWN": as the first word of a line. */
const char *show_status_word(enum status status);

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NAGIOS, FORMAT_PROMETHEUS };

/* The first three lines of it: the state with what is wrong, what happens by itself, the command. */
void show_briefing(const struct report *report, bool colour, FILE *out);

/* These lines, and what was done and told. */
bool show_short(const struct report *report, bool colour, FILE *out) MUST_CHECK;

bool show_text(const struct report *report, bool colour, FILE *out) MUST_CHECK;
bool show_json(const struct report *report, FILE *out) MUST_CHECK;

/* What every object of an answer begins with: the schema and when it was made. NULL when out of memory. */
json_t *show_json_head(time_t at);

bool show_nagios(const struct report *report, FILE *out) MUST_CHECK;

/* What is known of a run besides its report. */
struct ran {
    bool success;                          /* it did its work */
    time_t last_success;                   /* of the last one that did, this one included; 0 = none did */
    size_t pending;                        /* messages that wait to be sent */
    size_t given_up;                       /* messages that were given up since the state folder was made */
    time_t rehearsed;                      /* the emergency was gone through; 0 = never, */
    time_t rehearsal_passed;               /* and nothing lacked; 0 = never */
    size_t rehearsal_lacking;              /* the last time */
    char organization[OCCASION_NAME_SIZE]; /* its name as earlier runs saw it; "" when none did */
};

/* `ran` is NULL for a look that was no run. */
bool show_prometheus(const struct report *report, const struct ran *ran, FILE *out) MUST_CHECK;

#endif
