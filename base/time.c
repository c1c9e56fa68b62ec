#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define YEAR_LEAST 1601 /* where Windows' own time begins */
#define SPAN_YEARS_MOST 100
#define SPAN_DAYS_MOST 36525 /* of a hundred years */

/* A date of the Gregorian calendar, extended to all years. */
struct date {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

static int64_t divide_down(int64_t value, int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

static bool is_leap_year(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int64_t year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days since 1970-01-01. Years are counted from March, so that a leap day is the last of its year, and in eras of 400
 * years, which all have 146,097 days. */
static int64_t days_of_date(struct date date) {
    int64_t year = date.month > 2 ? date.year : date.year - 1;
    int64_t era = divide_down(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

/* The inverse of days_of_date. */
static struct date date_of_days(int64_t days) {
    int64_t from_march = days + 719468;
    int64_t era = divide_down(from_march, 146097);
    int64_t day_of_era = from_march - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    struct date date;

    date.day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    date.month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
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

static bool take_generalized(struct cursor *cursor, int64_t *ret_seconds) {
    int year;
    int month;
    int day;
    int hour;
    int minute = 0;
    int second = 0;
    int unit = SECONDS_PER_HOUR; /* of the last part, which a fraction divides */
    int64_t fraction;
    int64_t offset;

    if (!take_number(cursor, 4, YEAR_LEAST, 9999, &year) || !take_number(cursor, 2, 1, 12, &month) ||
        !take_number(cursor, 2, 1, days_of_month(year, month), &day) || !take_number(cursor, 2, 0, 23, &hour))
        return false;
    if (at_digit(cursor)) {
        if (!take_number(cursor, 2, 0, 59, &minute))
            return false;
        unit = SECONDS_PER_MINUTE;
        if (at_digit(cursor)) {
            /* A leap second, 60, is the first second of the next minute. */
            if (!take_number(cursor, 2, 0, 60, &second))
                return false;
            unit = 1;
        }
    }
    if (!take_fraction(cursor, unit, &fraction) || !take_zone(cursor, &offset) || cursor->at != cursor->end)
        return false;
    *ret_seconds = days_of_date((struct date){year, month, day}) * SECONDS_PER_DAY + hour * (int64_t)SECONDS_PER_HOUR +
                   minute * (int64_t)SECONDS_PER_MINUTE + second + fraction - offset;
    return true;
}

bool time_parse_generalized(const char *text, size_t length, time_t *ret_time, struct error *err) {
    struct cursor cursor = {text, length > 0 ? text + length : text};
    char shown[80];
    int64_t seconds;

    /* An offset can carry the first and the last day out of the years that can be written. */
    if (!take_generalized(&cursor, &seconds) ||
        seconds < days_of_date((struct date){YEAR_LEAST, 1, 1}) * SECONDS_PER_DAY ||
        seconds >= days_of_date((struct date){10000, 1, 1}) * SECONDS_PER_DAY)
        return error_set(err, ERROR_DATA,
                         "\"%s\" is no point in time: expected a GeneralizedTime of the years 1601 to 9999 with a "
                         "zone, such as 20260101120000.0Z",
                         text_printable(shown, sizeof(shown), text, length));
    *ret_time = (time_t)seconds;
    return true;
}

bool time_parse_rfc3339(const char *text, time_t *ret_time, struct error *err) {
    struct cursor cursor = {text, text + strlen(text)};
    char shown[80];
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;

    if (!take_number(&cursor, 4, 0, 9999, &year) || !take_character(&cursor, '-') ||
        !take_number(&cursor, 2, 1, 12, &month) || !take_character(&cursor, '-') ||
        !take_number(&cursor, 2, 1, days_of_month(year, month), &day) || !take_character(&cursor, 'T') ||
        !take_number(&cursor, 2, 0, 23, &hour) || !take_character(&cursor, ':') ||
        !take_number(&cursor, 2, 0, 59, &minute) || !take_character(&cursor, ':') ||
        !take_number(&cursor, 2, 0, 59, &second) || !take_character(&cursor, 'Z') || cursor.at != cursor.end)
        return error_set(err, ERROR_DATA, "\"%s\" is no point in time: expected the form 2026-01-01T12:00:00Z",
                         text_printable(shown, sizeof(shown), text, strlen(text)));
    *ret_time = (time_t)(days_of_date((struct date){year, month, day}) * SECONDS_PER_DAY +
                         hour * (int64_t)SECONDS_PER_HOUR + minute * (int64_t)SECONDS_PER_MINUTE + second);
    return true;
}

/* The date of `at`, and the second within it. */
static struct date date_of_time(time_t at, int *ret_second) {
    int64_t second = at % SECONDS_PER_DAY;

    *ret_second = (int)(second < 0 ? second + SECONDS_PER_DAY : second);
    return date_of_days(time_utc_date(at));
}

char *time_format_rfc3339(char out[TIME_TEXT_SIZE], time_t at) {
    int second;
    struct date date = date_of_time(at, &second);

    snprintf(out, TIME_TEXT_SIZE, "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", date.year, date.month, date.day,
             second / SECONDS_PER_HOUR, second / SECONDS_PER_MINUTE % 60, second % 60);
    return out;
}

char *time_format_date(char out[TIME_TEXT_SIZE], time_t at) {
    struct date date = date_of_days(time_utc_date(at));

    snprintf(out, TIME_TEXT_SIZE, "%04" PRId64 "-%02d-%02d", date.year, date.month, date.day);
    return out;
}

char *time_format_generalized(char out[TIME_TEXT_SIZE], time_t at) {
    int second;
    struct date date = date_of_time(at, &second);

    snprintf(out, TIME_TEXT_SIZE, "%04" PRId64 "%02d%02d%02d%02d%02d.0Z", date.year, date.month, date.day,
             second / SECONDS_PER_HOUR, second / SECONDS_PER_MINUTE % 60, second % 60);
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
    int second;
    struct date date = date_of_time(at, &second);
    int64_t start;

    if (years == 0)
        return at;
    date.year += years;
    if (date.day > days_of_month(date.year, date.month))
        date.day = days_of_month(date.year, date.month);
    if (__builtin_mul_overflow(days_of_date(date), (int64_t)SECONDS_PER_DAY, &start))
        return (time_t)(years < 0 ? INT64_MIN : INT64_MAX);
    return (time_t)add_saturated(start, second);
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
