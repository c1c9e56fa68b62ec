#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/slots.h"

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define C "0123456789ABCDEF0123456789ABCDEF01234567"
#define D "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
#define VALUES_MOST 4
#define L(leftover) ((unsigned)(leftover) << 16)

static const char date_good[] = "20300102030405.0Z";
#define DATE_GOOD 1893553445

/* One case of decoding: what is read, and what must come of it. */
struct row {
    const char *name;
    const char *values[VALUES_MOST];
    const char *date;
    const char *slot[SLOT_COUNT]; /* NULL = empty */
    const char *other_next;
    bool bare;
    unsigned wrong; /* malformed, and leftover in L() */
};

static const struct row rows[] = {
    {"only current", {"0:" A}, NULL, {A}, NULL, false, 0},
    {"all three", {"2:" C, "0:" A, "1:" B}, date_good, {A, B, C}, NULL, false, 0},
    {"a lone bare value is current", {A}, NULL, {A}, NULL, true, 0},
    {"a bare value beside prefixed ones", {"1:" B, A}, NULL, {A, B}, NULL, true, MALFORMED_HIDDEN},
    {"a bare value beside an empty one", {"1:", A}, NULL, {A}, NULL, true, MALFORMED_HIDDEN},
    {"a bare value beside next", {A, "2:" C}, date_good, {A, NULL, C}, NULL, true, MALFORMED_HIDDEN},
    {"a blank before a prefix", {" 0:" A, "1:" B}, NULL, {A, B}, NULL, false, MALFORMED_HIDDEN},
    {"a blank within a prefix", {"0 :" A}, NULL, {A}, NULL, false, MALFORMED_HIDDEN},
    {"a blank before the prefix of previous", {"0:" A, " 1:" B}, NULL, {A, B}, NULL, false, MALFORMED_HIDDEN},
    {"a blank before the prefix of next", {"0:" A, " 2:" C}, date_good, {A, NULL, C}, NULL, false, MALFORMED_HIDDEN},
    {"a blank behind a prefix is none of Exchange's concern", {"0: " A, "1:" B}, NULL, {A, B}, NULL, false, 0},
    {"lower case", {"0:0123456789abcdef0123456789abcdef01234567"}, NULL, {C}, NULL, false, 0},
    {"spaces everywhere", {"0: 0123 4567 89AB CDEF 0123456789ABCDEF01234567  "}, NULL, {C}, NULL, false, 0},
    {"spaces in a bare value", {" 01 23456789ABCDEF0123456789ABCDEF01234567"}, NULL, {C}, NULL, true, 0},
    {"empty previous and next", {"0:" A, "1:", "2: "}, NULL, {A}, NULL, false, 0},

    {"no value", {NULL}, NULL, {NULL}, NULL, false, MALFORMED_NO_VALUE},
    {"only empty slots", {"0:", "1:", "2:"}, NULL, {NULL}, NULL, false, MALFORMED_NO_VALUE},
    {"an empty bare value", {""}, NULL, {NULL}, NULL, false, MALFORMED_NO_VALUE},
    {"no value but a date", {NULL}, date_good, {NULL}, NULL, false, MALFORMED_NO_VALUE | L(LEFTOVER_DATE)},

    {"two currents", {"0:" A, "0:" B}, NULL, {A}, NULL, false, MALFORMED_TWO_VALUES},
    {"bare and prefixed current", {A, "0:" B}, NULL, {B}, NULL, false, L(LEFTOVER_VALUE)},
    {"prefixed and bare current", {"0:" B, A}, NULL, {B}, NULL, false, L(LEFTOVER_VALUE)},
    {"a blank beside a good previous", {"0:" A, " 1:" C, "1:" B}, NULL, {A, B}, NULL, false, L(LEFTOVER_VALUE)},
    {"two bare values", {A, B}, NULL, {A}, NULL, true, MALFORMED_TWO_VALUES | MALFORMED_HIDDEN},
    {"two previous", {"0:" A, "1:" B, "1:" C}, NULL, {A, B}, NULL, false, MALFORMED_TWO_VALUES},
    {"two nexts", {"0:" A, "2:" B, "2:" C}, date_good, {A, NULL, B}, C, false, MALFORMED_TWO_VALUES},
    {"two nexts beside two currents",
     {"0:" A, "0:" D, "2:" B, "2:" C},
     date_good,
     {A, NULL, B},
     NULL,
     false,
     MALFORMED_TWO_VALUES},
    {"three nexts", {"2:" A, "2:" B, "2:" C, "0:" A}, date_good, {A, NULL, A}, NULL, false, MALFORMED_TWO_VALUES},
    {"two nexts, the first one empty",
     {"0:" A, "2:", "2:" C},
     date_good,
     {A, NULL, C},
     NULL,
     false,
     MALFORMED_TWO_VALUES},
    {"two nexts, both empty", {"0:" A, "2:", "2:"}, NULL, {A}, NULL, false, MALFORMED_TWO_VALUES},
    {"two nexts, one unreadable",
     {"0:" A, "2:12", "2:" C},
     date_good,
     {A, NULL, C},
     NULL,
     false,
     MALFORMED_TWO_VALUES | MALFORMED_THUMBPRINT},
    {"two empty currents", {"0:", "0:"}, NULL, {NULL}, NULL, false, MALFORMED_TWO_VALUES | MALFORMED_NO_VALUE},

    {"lone previous", {"1:" B}, NULL, {NULL, B}, NULL, false, MALFORMED_LONE_PREVIOUS},
    {"lone next", {"2:" C}, date_good, {NULL, NULL, C}, NULL, false, MALFORMED_LONE_NEXT},
    {"previous and next alone",
     {"1:" B, "2:" C},
     date_good,
     {NULL, B, C},
     NULL,
     false,
     MALFORMED_LONE_PREVIOUS | MALFORMED_LONE_NEXT},
    {"previous beside an empty current", {"0:", "1:" B}, NULL, {NULL, B}, NULL, false, MALFORMED_LONE_PREVIOUS},

    {"a fourth prefix", {"0:" A, "3:" B}, NULL, {A}, NULL, false, MALFORMED_PREFIX},
    {"a prefix of two digits", {"0:" A, "02:" B}, NULL, {A}, NULL, false, MALFORMED_PREFIX},
    {"two digits with a space", {"0:" A, "1 2:" B}, NULL, {A}, NULL, false, MALFORMED_PREFIX},
    {"a letter as prefix", {"x:" A}, NULL, {NULL}, NULL, false, MALFORMED_PREFIX},
    {"a negative prefix", {"0:" A, "-1:" A}, NULL, {A}, NULL, false, MALFORMED_PREFIX},
    {"no prefix before the colon", {"0:" A, ":" B}, NULL, {A}, NULL, false, MALFORMED_PREFIX},
    {"an unknown prefix is no current",
     {"1:" B, "7:" A},
     NULL,
     {NULL, B},
     NULL,
     false,
     MALFORMED_PREFIX | MALFORMED_LONE_PREVIOUS},

    {"39 digits", {"0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, NULL, {NULL}, NULL, false, MALFORMED_THUMBPRINT},
    {"41 digits", {"0:" A "A"}, NULL, {NULL}, NULL, false, MALFORMED_THUMBPRINT},
    {"a letter that is no digit",
     {"0:GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
     NULL,
     {NULL},
     NULL,
     false,
     MALFORMED_THUMBPRINT},
    {"colons between the digits", {"0:AA:AA"}, NULL, {NULL}, NULL, false, MALFORMED_THUMBPRINT},
    {"a left-to-right mark", {"0:\xe2\x80\x8e" A}, NULL, {NULL}, NULL, false, MALFORMED_THUMBPRINT},
    {"a tab is no space", {"0:\t" A}, NULL, {NULL}, NULL, false, MALFORMED_THUMBPRINT},
    {"bytes that are no UTF-8", {"\xff\xfe\x80"}, NULL, {NULL}, NULL, false, MALFORMED_THUMBPRINT},
    {"an unreadable current is not an absent one",
     {"0:zz", "1:" B, "2:" C},
     date_good,
     {NULL, B, C},
     NULL,
     false,
     MALFORMED_THUMBPRINT},
    {"an unreadable next has a date", {"0:" A, "2:zz"}, date_good, {A}, NULL, false, MALFORMED_THUMBPRINT},
    {"an unreadable next lacks a date",
     {"0:" A, "2:zz"},
     NULL,
     {A},
     NULL,
     false,
     MALFORMED_THUMBPRINT | MALFORMED_NEXT_WITHOUT_DATE},
    {"an unreadable next alone", {"2:zz"}, date_good, {NULL}, NULL, false, MALFORMED_THUMBPRINT | MALFORMED_LONE_NEXT},

    {"next is current", {"0:" A, "2:" A}, date_good, {A}, NULL, false, L(LEFTOVER_NEXT_IS_CURRENT | LEFTOVER_DATE)},
    {"next is current without a date", {"0:" A, "2:" A}, NULL, {A}, NULL, false, L(LEFTOVER_NEXT_IS_CURRENT)},
    {"next is current in another spelling",
     {"0:" C, "2: 0123456789abcdef0123456789abcdef01234567"},
     date_good,
     {C},
     NULL,
     false,
     L(LEFTOVER_NEXT_IS_CURRENT | LEFTOVER_DATE)},
    {"one of two nexts is current", {"0:" A, "2:" B, "2:" A}, date_good, {A, NULL, B}, A, false, MALFORMED_TWO_VALUES},
    {"next is one of two currents",
     {"0:" A, "0:" B, "2:" A},
     date_good,
     {A, NULL, A},
     NULL,
     false,
     MALFORMED_TWO_VALUES},
    {"next is current beside an empty value",
     {"0:", "0:" A, "2:" A},
     date_good,
     {A},
     NULL,
     false,
     MALFORMED_TWO_VALUES | L(LEFTOVER_NEXT_IS_CURRENT | LEFTOVER_DATE)},
    {"previous may be current", {"0:" A, "1:" A}, NULL, {A, A}, NULL, false, 0},

    {"a date without next", {"0:" A}, date_good, {A}, NULL, false, L(LEFTOVER_DATE)},
    {"a date with an empty next", {"0:" A, "2:"}, date_good, {A}, NULL, false, L(LEFTOVER_DATE)},
    {"the year one beside a next", {"0:" A, "2:" C}, "00010101000000.0Z", {A, NULL, C}, NULL, false, MALFORMED_DATE},
    {"the year one without next", {"0:" A}, "00010101000000.0Z", {A}, NULL, false, L(LEFTOVER_DATE)},
    {"next without a date", {"0:" A, "2:" C}, NULL, {A, NULL, C}, NULL, false, MALFORMED_NEXT_WITHOUT_DATE},
    {"a date without zone", {"0:" A, "2:" C}, "20300102030405", {A, NULL, C}, NULL, false, MALFORMED_DATE},
    {"an empty date", {"0:" A, "2:" C}, "", {A, NULL, C}, NULL, false, MALFORMED_DATE},
    {"no date at all and no next", {"0:" A}, "soon", {A}, NULL, false, L(LEFTOVER_DATE)},
};

static struct bytes bytes_of(const char *text) {
    return (struct bytes){.data = (unsigned char *)(uintptr_t)text, .length = text != NULL ? strlen(text) : 0};
}

/* Of two values of a slot nothing is lost by taking one out only where both say the same. */
static void tells_repeated_values(void **state) {
    static const struct {
        const char *values[VALUES_MOST];
        bool repeated;
    } cases[] = {
        {{"0:" C, "0:0123456789abcdef0123456789abcdef01234567"}, true},
        {{"0:" A, "2:" C, "2: " C}, true},
        {{"0:" A, "0: " A, "1:" B, "1:" C}, false},
        {{"0:" A, "0: " A, "0:" B}, false},
        {{"0:" A, "0:"}, false},
        {{"0:" A, "0:12"}, false},
        {{"0:", "0:"}, false},
        {{"0:" A, "1:" A}, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int backwards = 0; backwards < 2; backwards++) {
            struct bytes values[VALUES_MOST];
            struct slots slots;
            size_t count = 0;

            while (count < VALUES_MOST && cases[i].values[count] != NULL)
                count++;
            for (size_t j = 0; j < count; j++)
                values[j] = bytes_of(cases[i].values[backwards ? count - 1 - j : j]);
            slots_decode(values, count, NULL, &slots);
            assert_int_equal(slots.repeated, cases[i].repeated);
        }
}

static void check_row(const struct row *row) {
    struct bytes values[VALUES_MOST];
    struct bytes date = bytes_of(row->date);
    struct slots slots;
    size_t count = 0;

    while (count < VALUES_MOST && row->values[count] != NULL) {
        values[count] = bytes_of(row->values[count]);
        count++;
    }
    slots_decode(values, count, row->date != NULL ? &date : NULL, &slots);
    for (size_t i = 0; i < SLOT_COUNT; i++)
        assert_string_equal(slots.thumbprint[i], row->slot[i] != NULL ? row->slot[i] : "");
    assert_string_equal(slots.other_next, row->other_next != NULL ? row->other_next : "");
    assert_int_equal(slots.bare_current, row->bare);
    assert_int_equal(slots.malformed | L(slots.leftover), row->wrong);
    assert_int_equal((slots.malformed & MALFORMED_HIDDEN) != 0, slots.hidden[0] || slots.hidden[1] || slots.hidden[2]);
    assert_int_equal(slots.date_set, row->date != NULL);
    assert_int_equal(slots.date_readable, row->date == date_good);
    assert_int_equal(slots.date, row->date == date_good ? DATE_GOOD : 0);
}

static void decodes_every_row(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("  %s\n", rows[i].name);
        check_row(&rows[i]);
    }
}

static void takes_bytes_that_are_no_text(void **state) {
    unsigned char nul[] = "0:" A;
    struct bytes value = {.data = nul, .length = sizeof(nul)}; /* with the NUL behind it */
    struct bytes none = {0};
    struct slots slots;

    (void)state;
    slots_decode(&value, 1, &none, &slots);
    assert_int_equal(slots.malformed, MALFORMED_THUMBPRINT);
    assert_false(slots.date_set);
    nul[0] = '\0';
    slots_decode(&value, 1, NULL, &slots);
    assert_int_equal(slots.malformed, MALFORMED_PREFIX);
    slots_decode(&none, 1, NULL, &slots);
    assert_int_equal(slots.malformed, MALFORMED_NO_VALUE);
}

static void takes_a_huge_value(void **state) {
    size_t length = (size_t)8 * 1024 * 1024;
    unsigned char *data = malloc(length);
    struct bytes value = {.data = data, .length = length};
    struct slots slots;

    (void)state;
    assert_non_null(data);
    memset(data, 'A', length);
    slots_decode(&value, 1, NULL, &slots);
    assert_int_equal(slots.malformed, MALFORMED_THUMBPRINT);
    /* Behind the prefix spaces do not count, however many. */
    memset(data, ' ', length);
    memcpy(data, "0:", 2);
    memcpy(data + length - THUMBPRINT_LENGTH, C, THUMBPRINT_LENGTH);
    slots_decode(&value, 1, NULL, &slots);
    assert_int_equal(slots.malformed, 0);
    assert_string_equal(slots.thumbprint[SLOT_CURRENT], C);
    free(data);
}

static void parses_thumbprints(void **state) {
    char out[THUMBPRINT_SIZE] = "untouched";

    (void)state;
    assert_false(thumbprint_parse("", 0, out));
    assert_false(thumbprint_parse(A "0", THUMBPRINT_LENGTH + 1, out));
    assert_false(thumbprint_parse(A, THUMBPRINT_LENGTH - 1, out));
    assert_string_equal(out, "untouched");
    assert_true(thumbprint_parse(" 0123456789abcdef 0123456789ABCDEF01234567", 42, out));
    assert_string_equal(out, C);
}

static void names_slots(void **state) {
    (void)state;
    assert_string_equal(slot_name(SLOT_CURRENT), "current");
    assert_string_equal(slot_name(SLOT_PREVIOUS), "previous");
    assert_string_equal(slot_name(SLOT_NEXT), "next");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_row),  cmocka_unit_test(takes_bytes_that_are_no_text),
        cmocka_unit_test(takes_a_huge_value), cmocka_unit_test(parses_thumbprints),
        cmocka_unit_test(names_slots),        cmocka_unit_test(tells_repeated_values),
    };

    return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
