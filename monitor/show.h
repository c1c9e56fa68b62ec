/*
 * A report in the four formats. Each function writes the whole answer to `out`; nothing here judges. Strings in the
 * report are printable already. True when everything was written.
 */
#ifndef MONITOR_SHOW_H
#define MONITOR_SHOW_H

#include "core/file.h"
#include "core/report.h"

#include <stdbool.h>
#include <stdio.h>

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_NAGIOS, FORMAT_PROMETHEUS };

bool show_text(const struct report *report, bool colour, FILE *out) __attribute__((warn_unused_result));
bool show_json(const struct report *report, FILE *out) __attribute__((warn_unused_result));
bool show_nagios(const struct report *report, FILE *out) __attribute__((warn_unused_result));
/* `pending`: messages waiting in the outbox; `success`: did this run do its work (runs only; -1 for check). */
bool show_prometheus(const struct report *report, int success, size_t pending, FILE *out)
    __attribute__((warn_unused_result));

#endif
