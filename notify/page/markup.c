#include "notify/page/markup.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/time.h"
#include "notify/html.h"
#include "notify/words/wording.h"

void markup(struct text *out, const char *format, ...) {
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
    char minute[WORDING_MINUTE_SIZE];
    char full[TIME_TEXT_SIZE];

    markup(out, "<time datetime=\"%s\">%s</time>", time_format_rfc3339(full, at), wording_minute(minute, at));
}

void markup_distance(struct text *out, time_t at, time_t now) {
    int64_t seconds = at > now ? (int64_t)at - now : (int64_t)now - at;
    int64_t days = seconds / SECONDS_PER_DAY;
    const char *unit = days == 1 ? "day" : "days";

    if (days == 0 && at > now)
        text_add(out, "in less than a day");
    else if (days == 0)
        text_add(out, "less than a day ago");
    else if (at > now)
        text_format(out, "in %" PRId64 " %s", days, unit);
    else
        text_format(out, "%" PRId64 " %s ago", days, unit);
}

void markup_section(struct text *out, const char *id, const char *title) {
    markup(out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}
