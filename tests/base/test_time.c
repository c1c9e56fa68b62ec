#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NOON_2026 1767268800 /* 2026-01-01T12:00:00Z */

struct sample {
    const char *text;
    int64_t at;
};

static void parses_generalized_time(void **state) {
    static const struct sample samples[] = {
        {"20260101120000.0Z", NOON_2026},
        {"20260101120000Z", NOON_2026},
        {"202601011200Z", NOON_2026},
        {"2026010112Z", NOON_2026},
        {"20260101120000,999Z", NOON_2026},
        {"20260101120000.99999999999999999999999999Z", NOON_2026},
        {"2026010111.5Z", NOON_2026 - 1800},
        {"2026010111,99Z", NOON_2026 - 36},
        {"202601011159.5Z", NOON_2026 - 30},
        {"202601011159.999999999999999999Z", NOON_2026 - 1},
        {"20260101133000+0130", NOON_2026},
        {"20260101020000-10", NOON_2026},
        {"20260102115900+2359", NOON_2026},
        {"20260101120000.0+0000", NOON_2026},
        {"20260101115960Z", NOON_2026},
        {"20260101115960.7Z", NOON_2026},
        {"19700101000000Z", 0},
        {"19691231235959Z", -1},
        {"20000229000000Z", 951782400},
        {"20380119031408Z", 2147483648},
        {"16010101000000.0Z", -11644473600},
        {"16010101000100+0001", -11644473600},
        {"99991231235959Z", 253402300799},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        time_t at = 0;
        struct error err = {0};

        if (!time_parse_generalized(samples[i].text, strlen(samples[i].text), &at, &err))
            fail_msg("%s", err.text);
        if (at != samples[i].at)
            fail_msg("%s is %lld", samples[i].text, (long long)at);
    }
}

static void refuses_other_generalized_time(void **state) {
    static const char *const samples[] = {
        "",
        "2",
        "Z",
        "20260101",
        "20260101Z",
        "20260101120000",
        "20260101120000.0",
        "20260101120000.Z",
        "2026010112.Z",
        "20260101120000.0.0Z",
        "20260101120000z",
        "20260101120000Z ",
        " 20260101120000Z",
        "20260101120000ZZ",
        "20260101120000 Z",
        "+2026010112000Z",
        "202601011200-1Z",
        "2026010112000Z",
        "20260001120000Z",
        "20261301120000Z",
        "20260100120000Z",
        "20260132120000Z",
        "20260431120000Z",
        "20260229120000Z",
        "21000229120000Z",
        "20260101240000Z",
        "20260101126000Z",
        "20260101120061Z",
        "20260101120000+",
        "20260101120000+1",
        "20260101120000+24",
        "20260101120000+010",
        "20260101120000+0160",
        "20260101120000+01:30",
        "20260101120000+0100Z",
        "16001231235959Z",
        "16001231233000-0100",
        "16010101000000+0001",
        "99991231235960Z",
        "99991231235959-0001",
        "2026-01-01T12:00:00Z",
        "2026010112000\xd9\xa0Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        time_t at = 77;
        struct error err = {0};

        if (time_parse_generalized(samples[i], strlen(samples[i]), &at, &err))
            fail_msg("\"%s\" was taken", samples[i]);
        assert_int_equal(at, 77);
        assert_int_equal(err.kind, ERROR_DATA);
        assert_non_null(strstr(err.text, "expected a GeneralizedTime"));
    }
}

static void reads_no_further_than_the_length(void **state) {
    static const char text[] = {'2', '0', '2', '6', '0', '1', '0', '1', '1', '2', 'Z', '9'};
    time_t at = 0;
    struct error err;

    (void)state;
    assert_true(time_parse_generalized(text, 11, &at, &err));
    assert_int_equal(at, NOON_2026);
    assert_false(time_parse_generalized(text, 12, &at, &err));
    assert_false(time_parse_generalized(text, 10, &at, &err));
    assert_false(time_parse_generalized(NULL, 0, &at, &err));
    assert_false(time_parse_generalized("2026010112Z\0", 12, &at, &err));
    assert_non_null(strstr(err.text, "2026010112Z\\x00"));
    assert_false(time_parse_generalized("", 0, &at, NULL));
}

static void parses_rfc3339(void **state) {
    static const char *const wrong[] = {
        "",
        "2026-01-01",
        "2026-01-01T12:00:00",
        "2026-01-01T12:00Z",
        "2026-01-01 12:00:00Z",
        "2026-01-01t12:00:00Z",
        "2026-01-01T12:00:00z",
        "2026-01-01T12:00:00.0Z",
        "2026-01-01T12:00:00+00:00",
        "2026-01-01T12:00:00Z ",
        "2026-1-01T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T12:60:00Z",
        "2026-01-01T12:00:60Z",
        "02026-01-01T12:00:00Z",
        "-026-01-01T12:00:00Z",
    };
    time_t at = 0;
    struct error err = {0};

    (void)state;
    assert_true(time_parse_rfc3339("2026-01-01T12:00:00Z", &at, &err));
    assert_int_equal(at, NOON_2026);
    assert_true(time_parse_rfc3339("2024-02-29T23:59:59Z", &at, &err));
    assert_int_equal(at, 1709251199);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        at = 77;
        err.kind = ERROR_NONE;
        if (time_parse_rfc3339(wrong[i], &at, &err))
            fail_msg("\"%s\" was taken", wrong[i]);
        assert_int_equal(at, 77);
        assert_int_equal(err.kind, ERROR_DATA);
    }
}

/* Against the C library, over all years that directories know, in steps that meet every month, day and second. */
static void agrees_with_the_library(void **state) {
    (void)state;
    for (int64_t seconds = -11644473600; seconds < 253402300800; seconds += 1209671) {
        time_t at = (time_t)seconds;
        time_t again = 0;
        char expected[TIME_TEXT_SIZE];
        char text[TIME_TEXT_SIZE];
        struct error err = {0};
        struct tm parts;

        assert_non_null(gmtime_r(&at, &parts));
        assert_int_not_equal(strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &parts), 0);
        assert_string_equal(time_format_rfc3339(text, at), expected);
        assert_true(time_parse_rfc3339(text, &again, &err));
        assert_int_equal(again, at);
        assert_int_not_equal(strftime(expected, sizeof(expected), "%Y%m%d%H%M%S.0Z", &parts), 0);
        assert_string_equal(time_format_generalized(text, at), expected);
        assert_true(time_parse_generalized(text, strlen(text), &again, &err));
        assert_int_equal(again, at);
    }
}

static void formats_any_instant(void **state) {
    char text[TIME_TEXT_SIZE];

    (void)state;
    assert_string_equal(time_format_date(text, NOON_2026), "2026-01-01");
    assert_string_equal(time_format_date(text, -1), "1969-12-31");
    assert_string_equal(time_format_rfc3339(text, INT64_MAX), "292277026596-12-04T15:30:07Z");
    assert_string_equal(time_format_rfc3339(text, INT64_MIN), "-292277022657-01-27T08:29:52Z");
    assert_string_equal(time_format_generalized(text, INT64_MAX), "2922770265961204153007.0Z");
    assert_string_equal(time_format_date(text, -62167219200), "0000-01-01");
}

static void counts_whole_days(void **state) {
    (void)state;
    assert_int_equal(time_days_left(NOON_2026, NOON_2026), 0);
    assert_int_equal(time_days_left(NOON_2026, NOON_2026 + 1), -1);
    assert_int_equal(time_days_left(NOON_2026, NOON_2026 + SECONDS_PER_DAY), -1);
    assert_int_equal(time_days_left(NOON_2026, NOON_2026 + SECONDS_PER_DAY + 1), -2);
    assert_int_equal(time_days_left(NOON_2026 + SECONDS_PER_DAY - 1, NOON_2026), 0);
    assert_int_equal(time_days_left(NOON_2026 + SECONDS_PER_DAY, NOON_2026), 1);
    assert_int_equal(time_days_left(INT64_MAX, INT64_MIN), INT64_MAX / SECONDS_PER_DAY);
    assert_int_equal(time_days_left(INT64_MIN, INT64_MAX), INT64_MIN / SECONDS_PER_DAY - 1);
    assert_int_equal(time_utc_date(0), 0);
    assert_int_equal(time_utc_date(SECONDS_PER_DAY - 1), 0);
    assert_int_equal(time_utc_date(SECONDS_PER_DAY), 1);
    assert_int_equal(time_utc_date(-1), -1);
    assert_int_equal(time_utc_date(-SECONDS_PER_DAY), -1);
}

static void check_years(const char *from, int years, const char *expected) {
    char text[TIME_TEXT_SIZE];
    time_t at = 0;
    struct error err;

    assert_true(time_parse_rfc3339(from, &at, &err));
    assert_string_equal(time_format_rfc3339(text, time_add_years(at, years)), expected);
}

static void adds_calendar_years(void **state) {
    (void)state;
    check_years("2026-01-01T12:34:56Z", 5, "2031-01-01T12:34:56Z");
    check_years("2024-02-29T23:59:59Z", 1, "2025-02-28T23:59:59Z");
    check_years("2024-02-29T23:59:59Z", 4, "2028-02-29T23:59:59Z");
    check_years("2096-02-29T00:00:00Z", 4, "2100-02-28T00:00:00Z");
    check_years("2024-02-29T00:00:00Z", -1, "2023-02-28T00:00:00Z");
    check_years("2023-02-28T00:00:00Z", 1, "2024-02-28T00:00:00Z");
    check_years("2026-12-31T23:59:59Z", 0, "2026-12-31T23:59:59Z");
    assert_true(time_add_years(INT64_MAX, 1) == INT64_MAX);
    assert_true(time_add_years(INT64_MIN, -1) == INT64_MIN);
    assert_true(time_add_years(INT64_MIN, 0) == INT64_MIN);
    assert_true(time_add_years(INT64_MIN, 1) > INT64_MIN);
    assert_true(time_add_span(NOON_2026, (struct span){.years = 1, .seconds = 60}) == NOON_2026 + 31536060);
    assert_true(time_add_span(NOON_2026, (struct span){.seconds = -60}) == NOON_2026 - 60);
    assert_true(time_add_span(NOON_2026, (struct span){.seconds = INT64_MAX}) == INT64_MAX);
    assert_true(time_add_span(-NOON_2026, (struct span){.seconds = INT64_MIN}) == INT64_MIN);
}

static void parses_spans(void **state) {
    static const struct {
        const char *text;
        struct span span;
        const char *formatted;
    } good[] = {
        {"90d", {.seconds = 7776000}, "90d"},
        {"49h", {.seconds = 176400}, "49h"},
        {"48h", {.seconds = 172800}, "2d"},
        {"5m", {.seconds = 300}, "5m"},
        {"10s", {.seconds = 10}, "10s"},
        {"3600s", {.seconds = 3600}, "1h"},
        {"2w", {.seconds = 1209600}, "14d"},
        {"5y", {.years = 5}, "5y"},
        {"1s", {.seconds = 1}, "1s"},
        {"007d", {.seconds = 604800}, "7d"},
        {"100y", {.years = 100}, "100y"},
        {"36525d", {.seconds = 3155760000}, "36525d"},
        {"3155760000s", {.seconds = 3155760000}, "36525d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct span span = {.years = -1, .seconds = -1};
        char text[TIME_TEXT_SIZE];
        struct error err = {0};

        if (!span_parse(good[i].text, &span, &err))
            fail_msg("%s", err.text);
        assert_int_equal(span.years, good[i].span.years);
        assert_int_equal(span.seconds, good[i].span.seconds);
        assert_string_equal(span_format(text, span), good[i].formatted);
    }
}

static void refuses_other_spans(void **state) {
    static const char *const wrong[] = {
        "",
        "d",
        "90",
        "0d",
        "00s",
        "-1d",
        "+1d",
        "1.5d",
        "1 d",
        " 1d",
        "1d ",
        "1D",
        "1day",
        "1d1h",
        "101y",
        "99999w",
        "1Y",
        "1ms",
        "36526d",
        "5219w",
        "3155760001s",
        "18446744073709551617s",
        "99999999999999999999999999999999999999d",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct span span = {.years = 7, .seconds = 7};
        struct error err = {0};

        if (span_parse(wrong[i], &span, &err))
            fail_msg("\"%s\" was taken", wrong[i]);
        assert_int_equal(span.years, 7);
        assert_int_equal(span.seconds, 7);
        assert_int_equal(err.kind, ERROR_CONFIG);
        assert_non_null(strstr(err.text, "expected"));
    }
}

static void formats_other_spans(void **state) {
    char text[TIME_TEXT_SIZE];

    (void)state;
    assert_string_equal(span_format(text, (struct span){0}), "0s");
    assert_string_equal(span_format(text, (struct span){.seconds = 61}), "61s");
    assert_string_equal(span_format(text, (struct span){.years = 1, .seconds = 3600}), "1y 3600s");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_generalized_time),
        cmocka_unit_test(refuses_other_generalized_time),
        cmocka_unit_test(reads_no_further_than_the_length),
        cmocka_unit_test(parses_rfc3339),
        cmocka_unit_test(agrees_with_the_library),
        cmocka_unit_test(formats_any_instant),
        cmocka_unit_test(counts_whole_days),
        cmocka_unit_test(adds_calendar_years),
        cmocka_unit_test(parses_spans),
        cmocka_unit_test(refuses_other_spans),
        cmocka_unit_test(formats_other_spans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
