/*
 * Instants and spans. All instants are UTC seconds since 1970 in a 64-bit time_t; the clock itself is read once at the
 * top of the program and passed down, never here. Nothing here depends on a time zone or a locale.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define TIME_TEXT_SIZE 32
#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR 3600
#define SECONDS_PER_DAY 86400

/* GeneralizedTime as directories write it (RFC 4517 3.3.13; Active Directory: 20260101120000.0Z): a zone (Z or an
 * offset) is required, minutes and seconds are not, the second 60 is the next one, what is less than a second is
 * dropped, years 1601 to 9999. DATA error otherwise. `text` need not end in NUL. */
bool time_parse_generalized(const char *text, size_t length, time_t *ret_time, struct error *err) MUST_CHECK;

/* RFC 3339 in UTC, exactly 2026-01-01T12:00:00Z as time_format_rfc3339 writes it; DATA error otherwise. */
bool time_parse_rfc3339(const char *text, time_t *ret_time, struct error *err) MUST_CHECK;

/* As people type an instant: the same, or a date alone, which is its first second in UTC. */
bool time_parse_typed(const char *text, time_t *ret_time, struct error *err) MUST_CHECK;

char *time_format_rfc3339(char out[TIME_TEXT_SIZE], time_t at);     /* 2026-01-01T12:00:00Z */
char *time_format_date(char out[TIME_TEXT_SIZE], time_t at);        /* 2026-01-01 */
char *time_format_generalized(char out[TIME_TEXT_SIZE], time_t at); /* 20260101120000.0Z, what Samba and AD accept */

/* Whole days from `now` to `end`, rounded towards minus infinity: -1 from the first second after the end. */
int64_t time_days_left(time_t end, time_t now);

/* Days since 1970-01-01 UTC of the date that `at` falls on. */
int64_t time_utc_date(time_t at);

/* `at` plus at most some thousand calendar years; 29 February becomes 28 February where the year has none (time of day
 * kept). Sums that no time_t holds stop at its ends. */
time_t time_add_years(time_t at, int years);

/* A span is calendar years plus seconds: a lifetime of five years is not a number of seconds. */
struct span {
    int years;
    int64_t seconds;
};

time_t time_add_span(time_t at, struct span span);

/* "90d", "49h", "5m", "10s", "2w" or "5y" (calendar years): one positive whole number and one unit, at most a hundred
 * years. CONFIG error that says what was expected. */
bool span_parse(const char *text, struct span *ret_span, struct error *err) MUST_CHECK;

/* In the largest of y, d, h, m and s that is exact: "5y", "90d", "49h"; two weeks are "14d". Years with seconds, which
 * never arise from span_parse, are "1y 3600s". */
char *span_format(char out[TIME_TEXT_SIZE], struct span span);

#endif
