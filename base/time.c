#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define YEAR_LEAST 1601              /* where Windows' own time begins */
#define FIRST ((time_t)-11644473600) /* 1601-01-01T00:00:00Z; an offset can carry the first day out of the years, */
#define LAST ((time_t)253402300799)  /* 9999-12-31T23:59:59Z; and the last one */
#define SPAN_YEARS_MOST 100
#define SPAN_DAYS_MOST 36525 /* of a hundred years */

/* The Gregorian calendar repeats itself after 400 years. What the C library cannot hold is brought near by that. */
#define ERA_YEARS 400
#define ERA_SECONDS (146097 * (int64_t)SECONDS_PER_DAY)

static int64_t divide_down(int64_t value, int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

/* The parts of `at` in UTC, its year in one of the 400 years from 1970. */
static struct tm parts_of(time_t at) {
    time_t near = at % ERA_SECONDS + (at % ERA_SECONDS < 0 ? ERA_SECONDS : 0);
    struct tm parts = {0};

    (void)gmtime_r(&near, &parts);
    return parts;
}

static int64_t year_of(time_t at) {
    return parts_of(at).tm_year + 1900 + divide_down(at, ERA_SECONDS) * ERA_YEARS;
}

static int64_t add_saturated(int64_t left, int64_t right) {
    int64_t sum;

    if (__builtin_add_overflow(left, right, &sum))
        return right < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

/* What is left to read of a text. */
struct cursor {
    const char *at;
    const char *end;
};

static bool at_digit(const struct cursor *cursor) {
    return cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
}

static bool take_character(struct cursor *cursor, char character) {
    if (cursor->at == cursor->end || *cursor->at != character)
        return false;
    cursor->at++;
    return true;
}

/* Exactly `count` digits with a value of `least` to `most`. */
static bool take_number(struct cursor *cursor, int count, int least, int most, int *ret_number) {
    int number = 0;

    for (int i = 0; i < count; i++) {
        if (!at_digit(cursor))
            return false;
        number = number * 10 + (*cursor->at++ - '0');
    }
    if (number < least || number > most)
        return false;
    *ret_number = number;
    return true;
}

/* A fraction of `unit` seconds, if there is one; of a second itself nothing remains. */
static bool take_fraction(struct cursor *cursor, int unit, int64_t *ret_seconds) {
    int64_t numerator = 0;
    int64_t denominator = 1;

    *ret_seconds = 0;
    if (!take_character(cursor, '.') && !take_character(cursor, ','))
        return true;
    if (!at_digit(cursor))
        return false;
    for (; at_digit(cursor); cursor->at++) {
        if (denominator < 1000000000) {
            numerator = numerator * 10 + (*cursor->at - '0');
            denominator *= 10;
        }
    }
    *ret_seconds = numerator * unit / denominator;
    return true;
}

/* "Z", or the offset of the local time that the text gives. */
static bool take_zone(struct cursor *cursor, int64_t *ret_offset) {
    int hours;
    int minutes = 0;
    int sign;

    *ret_offset = 0;
    if (take_character(cursor, 'Z'))
        return true;
    if (take_character(cursor, '+'))
        sign = 1;
    else if (take_character(cursor, '-'))
        sign = -1;
    else
        return false;
    if (!take_number(cursor, 2, 0, 23, &hours))
        return false;
    if (at_digit(cursor) && !take_number(cursor, 2, 0, 59, &minutes))
        return false;
    *ret_offset = sign * (hours * (int64_t)SECONDS_PER_HOUR + minutes * (int64_t)SECONDS_PER_MINUTE);
    return true;
}

static bool take_date(struct cursor *cursor, struct tm *ret_date) {
    struct tm date = {0};
    struct tm carried;

    if (!take_number(cursor, 4, YEAR_LEAST, 9999, &date.tm_year) || !take_number(cursor, 2, 1, 12, &date.tm_mon) ||
        !take_number(cursor, 2, 1, 31, &date.tm_mday))
        return false;
    date.tm_year -= 1900;
    date.tm_mon--;
    carried = date;
    (void)timegm(&carried); /* a day that the month does not have goes into the next */
    *ret_date = date;
    return carried.tm_mday == date.tm_mday;
}

static bool take_generalized(struct cursor *cursor, time_t *ret_time) {
    struct tm parts;
    int unit = SECONDS_PER_HOUR; /* of the last part, which a fraction divides */
    int64_t fraction;
    int64_t offset;

    if (!take_date(cursor, &parts) || !take_number(cursor, 2, 0, 23, &parts.tm_hour))
        return false;
    if (at_digit(cursor)) {
        if (!take_number(cursor, 2, 0, 59, &parts.tm_min))
            return false;
        unit = SECONDS_PER_MINUTE;
        if (at_digit(cursor)) {
            /* A leap second, 60, is the first second of the next minute. */
            if (!take_number(cursor, 2, 0, 60, &parts.tm_sec))
                return false;
            unit = 1;
        }
    }
    if (!take_fraction(cursor, unit, &fraction) || !take_zone(cursor, &offset) || cursor->at != cursor->end)
        return false;
    *ret_time = timegm(&parts) + fraction - offset;
    return *ret_time >= FIRST && *ret_time <= LAST;
}

bool time_parse_generalized(const char *text, size_t length, time_t *ret_time, struct error *err) {
    struct cursor cursor = {text, length > 0 ? text + length : text};
    char shown[80];
    time_t at;

    if (!take_generalized(&cursor, &at))
        return error_set(err, ERROR_DATA,
                         "\"%s\" is no point in time: expected a GeneralizedTime of the years 1601 to 9999 with a "
                         "zone, such as 20260101120000.0Z",
                         text_printable(shown, sizeof(shown), text, length));
    *ret_time = at;
    return true;
}

bool time_parse_rfc3339(const char *text, time_t *ret_time, struct error *err) {
    char again[TIME_TEXT_SIZE];
    char shown[80];
    struct tm parts = {0};

    /* Whatever else strptime takes is not what is written again. */
    if (!strptime(text, "%Y-%m-%dT%H:%M:%SZ", &parts) || strcmp(time_format_rfc3339(again, timegm(&parts)), text) != 0)
        return error_set(err, ERROR_DATA, "\"%s\" is no point in time: expected the form 2026-01-01T12:00:00Z",
                         text_printable(shown, sizeof(shown), text, strlen(text)));
    *ret_time = timegm(&parts);
    return true;
}

bool time_parse_typed(const char *text, time_t *ret_time, struct error *err) {
    char midnight[TIME_TEXT_SIZE];

    if (strlen(text) != strlen("2026-01-01"))
        return time_parse_rfc3339(text, ret_time, err);
    snprintf(midnight, sizeof(midnight), "%sT00:00:00Z", text);
    return time_parse_rfc3339(midnight, ret_time, err);
}

char *time_format_rfc3339(char out[TIME_TEXT_SIZE], time_t at) {
    struct tm parts = parts_of(at);

    snprintf(out, TIME_TEXT_SIZE, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", year_of(at), parts.tm_mon + 1,
             parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    return out;
}

char *time_format_date(char out[TIME_TEXT_SIZE], time_t at) {
    *strchr(time_format_rfc3339(out, at), 'T') = '\0';
    return out;
}

char *time_format_generalized(char out[TIME_TEXT_SIZE], time_t at) {
    struct tm parts = parts_of(at);

    snprintf(out, TIME_TEXT_SIZE, "%04" PRId64 "%02d%02d%02d%02d%02d.0Z", year_of(at), parts.tm_mon + 1, parts.tm_mday,
             parts.tm_hour, parts.tm_min, parts.tm_sec);
    return out;
}

int64_t time_days_left(time_t end, time_t now) {
    int64_t left;

    if (__builtin_sub_overflow((int64_t)end, (int64_t)now, &left))
        left = end < now ? INT64_MIN : INT64_MAX;
    return divide_down(left, SECONDS_PER_DAY);
}

int64_t time_utc_date(time_t at) {
    return divide_down(at, SECONDS_PER_DAY);
}

time_t time_add_years(time_t at, int years) {
    struct tm before = parts_of(at);
    struct tm after = before;
    time_t moved;

    after.tm_year += years;
    moved = timegm(&after);
    if (after.tm_mon != before.tm_mon) /* 29 February was carried into March */
        moved -= SECONDS_PER_DAY;
    return (time_t)add_saturated(at, moved - timegm(&before));
}

time_t time_add_span(time_t at, struct span span) {
    return (time_t)add_saturated(time_add_years(at, span.years), span.seconds);
}

/* Seconds of a unit other than calendar years, 0 when it is none. */
static int64_t unit_seconds(char unit) {
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return SECONDS_PER_MINUTE;
    case 'h':
        return SECONDS_PER_HOUR;
    case 'd':
        return SECONDS_PER_DAY;
    case 'w':
        return 7 * (int64_t)SECONDS_PER_DAY;
    default:
        return 0;
    }
}

bool span_parse(const char *text, struct span *ret_span, struct error *err) {
    const int64_t most = SPAN_DAYS_MOST * (int64_t)SECONDS_PER_DAY;
    struct cursor cursor = {text, text + strlen(text)};
    char shown[80];
    int64_t number = 0;

    while (at_digit(&cursor) && number <= most)
        number = number * 10 + (*cursor.at++ - '0');
    if (number > 0 && cursor.end - cursor.at == 1) {
        int64_t unit = unit_seconds(*cursor.at);

        if (*cursor.at == 'y' && number <= SPAN_YEARS_MOST) {
            *ret_span = (struct span){.years = (int)number};
            return true;
        }
        if (unit > 0 && number <= most / unit) {
            *ret_span = (struct span){.seconds = number * unit};
            return true;
        }
    }
    return error_set(err, ERROR_CONFIG,
                     "\"%s\" is no span of time: expected one positive whole number and one unit of s, m, h, d, w, y, "
                     "such as 90d or 5y, and at most a hundred years",
                     text_printable(shown, sizeof(shown), text, strlen(text)));
}

char *span_format(char out[TIME_TEXT_SIZE], struct span span) {
    static const char units[] = "dhms";
    const char *unit = units;

    while (span.seconds == 0 ? *unit != 's' : span.seconds % unit_seconds(*unit) != 0)
        unit++;
    if (span.years == 0)
        snprintf(out, TIME_TEXT_SIZE, "%" PRId64 "%c", span.seconds / unit_seconds(*unit), *unit);
    else if (span.seconds == 0)
        snprintf(out, TIME_TEXT_SIZE, "%dy", span.years);
    else
        snprintf(out, TIME_TEXT_SIZE, "%dy %" PRId64 "s", span.years, span.seconds);
    return out;
}
