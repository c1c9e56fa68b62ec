/*
 * Markup with values in it, every value escaped: the only way text gets into the report page.
 */
#ifndef NOTIFY_PAGE_MARKUP_H
#define NOTIFY_PAGE_MARKUP_H

#include "core/report.h"
#include "base/text.h"

#include <time.h>

/* The format's own characters are markup and go in as they are; each `%s` is a value and goes through html_text. There
 * is no other conversion but `%%`. */
void markup_add(struct text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number within markup. */
void markup_number(struct text *out, long long number);

/* An instant as a <time>, to the minute. */
void markup_minute(struct text *out, time_t at);

/* How far away, as calendar_distance says it. */
void markup_distance(struct text *out, time_t at, time_t now);

/* Opens a section with an id and a heading; ends with "</section>\n". */
void markup_section(struct text *out, const char *id, const char *title);

#endif
