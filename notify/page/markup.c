#include "notify/page/markup.h"

#include <stdarg.h>
#include <string.h>

#include "base/time.h"
#include "notify/html.h"
#include "notify/words/calendar.h"

void markup_add(struct text *out, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    while (*format != '\0') {
        size_t plain = strcspn(format, "%");

        text_add_bytes(out, format, plain);
        format += plain;
        if (strncmp(format, "%s", 2) == 0)
            html_text(out, va_arg(arguments, const char *));
        else if (*format == '%')
            text_add(out, "%");
        format += *format == '\0' ? 0 : 2;
    }
    va_end(arguments);
}

void markup_number(struct text *out, long long number) {
    text_format(out, "%lld", number);
}

void markup_minute(struct text *out, time_t at) {
    char minute[CALENDAR_MINUTE_SIZE];
    char full[TIME_TEXT_SIZE];

    markup_add(out, "<time datetime=\"%s\">%s</time>", time_format_rfc3339(full, at), calendar_minute(minute, at));
}

void markup_distance(struct text *out, time_t at, time_t now) {
    char distance[CALENDAR_DISTANCE_SIZE];

    text_add(out, calendar_distance(distance, at, now));
}

void markup_section(struct text *out, const char *id, const char *title) {
    markup_add(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}
