#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "base/time.h"
#include "renew/plan.h"
#include "tests/renew/attribute.h"

#define DATE ((time_t)1798761600) /* 2027-01-01T00:00:00Z */
#define RAW "20270101000000.0Z"
#define LATER (DATE + 90 * SECONDS_PER_DAY)

/* In these tables a thumbprint of forty equal digits is written as one letter, "0:A" or "0:a", and ^ stands for NUL. */
struct change_case {
    const char *name;
    const char *values[8];
    const char *raw_date;
    struct {
        const char *current, *previous, *next;
        time_t date;
    } desired;
    const char *expected; /* what is deleted, added, replaced, of values and date */
};

static const struct change_case change_cases[] = {
    {"nothing to do", {"0:A"}, NULL, {"A", "", "", 0}, ""},
    {"nothing to do, whatever the spelling", {"0: a", "1:b "}, NULL, {"A", "B", "", 0}, ""},
    {"a bare current beside previous is written as Exchange reads it",
     {"a", "1:B"},
     NULL,
     {"A", "B", "", 0},
     "del a; add 0:A"},
    {"a current with a blank before its prefix", {" 0:A", "1:B"}, NULL, {"A", "B", "", 0}, "del  0:A; add 0:A"},
    {"a previous with a blank in its prefix", {"0:A", "1 :B"}, NULL, {"A", "B", "", 0}, "del 1 :B; add 1:B"},
    {"nothing to do beside a bare current", {"a"}, NULL, {"A", "", "", 0}, ""},
    {"an empty slot alone stays", {"0:A", "1:", "2: "}, NULL, {"A", "", "", 0}, ""},
    {"stage", {"0:A"}, NULL, {"A", "", "B", DATE}, "add 2:B; add date " RAW},
    {"stage beside previous", {"0:A", "1:C"}, NULL, {"A", "C", "B", DATE}, "add 2:B; add date " RAW},
    {"stage leaves a lower-case current", {"0:a"}, NULL, {"A", "", "B", DATE}, "add 2:B; add date " RAW},
    {"stage beside a bare current", {"a"}, NULL, {"A", "", "B", DATE}, "del a; add 0:A 2:B; add date " RAW},
    {"stage into an empty value", {"0:A", "2:"}, NULL, {"A", "", "B", DATE}, "del 2:; add 2:B; add date " RAW},
    {"stage leaves another empty value", {"0:A", "1:"}, NULL, {"A", "", "B", DATE}, "add 2:B; add date " RAW},
    {"stage another next",
     {"0:A", "2:b"},
     "20261231235959Z",
     {"A", "", "C", DATE},
     "del 2:b; add 2:C; del date 20261231235959Z; add date " RAW},
    {"stage another next at its date", {"0:A", "2:B"}, RAW, {"A", "", "C", DATE}, "del 2:B; add 2:C"},
    {"stage beside a date left behind",
     {"0:A"},
     "20260101000000.0Z",
     {"A", "", "B", DATE},
     "add 2:B; del date 20260101000000.0Z; add date " RAW},
    {"stage beside the very date left behind",
     {"0:A"},
     RAW,
     {"A", "", "B", DATE},
     "add 2:B; del date " RAW "; add date 20270101000001.0Z"},
    {"the same date in other words stays", {"0:A", "2:B"}, "202701010100+0100", {"A", "", "B", DATE}, ""},
    {"reschedule", {"0:A", "2:B"}, RAW, {"A", "", "B", LATER}, "del date " RAW "; add date 20270401000000.0Z"},
    {"reschedule beside a bare current",
     {"A", "2:B"},
     RAW,
     {"A", "", "B", LATER},
     "del A; add 0:A; del date " RAW "; add date 20270401000000.0Z"},
    {"reschedule leaves an empty value",
     {"0:A", "1:", "2:B"},
     RAW,
     {"A", "", "B", LATER},
     "del date " RAW "; add date 20270401000000.0Z"},
    {"a date for a next without one", {"0:A", "2:B"}, NULL, {"A", "", "B", DATE}, "add date " RAW},
    {"activate", {"0:A", "2:B"}, RAW, {"B", "A", "", 0}, "del 0:A 2:B; add 0:B 1:A; del date " RAW},
    {"activate over previous",
     {"1:C", "0:a", "2: B"},
     RAW,
     {"B", "A", "", 0},
     "del 1:C 0:a 2: B; add 0:B 1:A; del date " RAW},
    {"activate a bare current", {"A", "2:B"}, RAW, {"B", "A", "", 0}, "del A 2:B; add 0:B 1:A; del date " RAW},
    {"restore", {"0:A", "1:B"}, NULL, {"B", "", "", 0}, "del 0:A 1:B; add 0:B"},
    {"replace, next stays", {"0:A", "2:b"}, RAW, {"C", "A", "B", DATE}, "del 0:A; add 0:C 1:A"},
    {"retire", {"0:A", "1:c"}, NULL, {"A", "", "", 0}, "del 1:c"},
    {"retire beside a bare current", {"A", "1:C"}, NULL, {"A", "", "", 0}, "del A 1:C; add 0:A"},
    {"withdraw", {"0:A", "2:B"}, RAW, {"A", "", "", 0}, "del 2:B; del date " RAW},
    {"a date without next", {"0:A"}, RAW, {"A", "", "", 0}, "del date " RAW},
    {"a date that is none", {"0:A"}, "tomorrow", {"A", "", "", 0}, "del date tomorrow"},
    {"a date that is none beside next", {"0:A", "2:B"}, "2027^", {"A", "", "B", DATE}, "del date 2027^; add date " RAW},
    {"an empty date", {"0:A"}, "", {"A", "", "", 0}, "del date "},
    {"next is current", {"0:A", "2:A"}, RAW, {"A", "", "", 0}, "del 2:A; del date " RAW},
    {"two nexts", {"0:A", "2:B", "2:C"}, RAW, {"A", "", "C", DATE}, "del 2:B"},
    {"two currents", {"0:A", "0:B"}, NULL, {"B", "", "", 0}, "del 0:A"},
    {"two currents, another comes", {"0:A", "b"}, NULL, {"C", "A", "", 0}, "del 0:A b; add 0:C 1:A"},
    {"one current twice, bare", {"A", "0:a"}, NULL, {"A", "", "", 0}, "del A"},
    {"one current in two cases", {"0:a", "0:A"}, NULL, {"A", "", "", 0}, "del 0:a"},
    {"one current in two spacings", {"0: A", "0:A "}, NULL, {"A", "", "", 0}, "del 0:A "},
    {"the same bytes twice are one value", {"0:A", "0:A", "1:B", "1:B"}, NULL, {"A", "", "", 0}, "del 1:B"},
    {"an empty value beside a full one", {"0:A", "0:"}, NULL, {"A", "", "", 0}, "del 0:"},
    {"two empty values", {"0:A", "2:", "2: "}, NULL, {"A", "", "", 0}, "del 2: 2: "},
    {"an empty bare value", {"0:A", ""}, NULL, {"A", "", "", 0}, "del "},
    {"a lone previous", {"1:A"}, NULL, {"A", "", "", 0}, "del 1:A; add 0:A"},
    {"a lone next", {"2:A"}, RAW, {"A", "", "", 0}, "del 2:A; add 0:A; del date " RAW},
    {"a lone next that stays", {"2:a"}, RAW, {"B", "", "A", DATE}, "all 0:B 2:A"},
    {"previous and next without current", {"1:A", "2:B"}, RAW, {"A", "", "B", DATE}, "all 0:A 2:B"},
    {"nothing but an empty current", {"0:"}, NULL, {"A", "", "", 0}, "del 0:; add 0:A"},
    {"nothing but an empty previous", {"1:"}, NULL, {"A", "", "", 0}, "all 0:A"},
    {"no value at all", {NULL}, NULL, {"A", "", "", 0}, "all 0:A"},
    {"no value but a date", {NULL}, RAW, {"A", "", "", 0}, "all 0:A; del date " RAW},
    {"no value and none wanted", {NULL}, NULL, {"", "", "", 0}, ""},
    {"an unknown prefix", {"0:A", "3:B"}, NULL, {"A", "", "", 0}, "del 3:B"},
    {"nothing but an unknown prefix", {"9:A"}, NULL, {"A", "", "", 0}, "del 9:A; add 0:A"},
    {"an unknown prefix with nothing behind", {"0:A", "x:"}, NULL, {"A", "", "", 0}, "del x:"},
    {"two prefixes", {"0:0:A", "0:1:A"}, NULL, {"A", "", "", 0}, "del 0:0:A 0:1:A; add 0:A"},
    {"a current that is no thumbprint", {"0:zz"}, NULL, {"A", "", "", 0}, "del 0:zz; add 0:A"},
    {"a previous that is no thumbprint", {"0:A", "1:zz"}, NULL, {"A", "", "", 0}, "del 1:zz"},
    {"a next that is no thumbprint", {"0:A", "2:A-"}, RAW, {"A", "", "B", DATE}, "del 2:A-; add 2:B"},
    {"a bare value that is no thumbprint", {"hello"}, NULL, {"A", "", "", 0}, "del hello; add 0:A"},
    {"NULs", {"0:^", "^", "0:A^"}, NULL, {"A", "", "", 0}, "del 0:^ ^ 0:A^; add 0:A"},
    {"bytes that are no text", {"0:\xff\xfe", "\x80:A"}, NULL, {"A", "", "", 0}, "del 0:\xff\xfe \x80:A; add 0:A"},
    {"everything wrong at once",
     {"a", "0:B", "1:", "1:zz", "2:C", "2:c", "7:D", "^"},
     "never",
     {"B", "", "C", DATE},
     "del a 1: 1:zz 2:c 7:D ^; del date never; add date " RAW},
    {"everything goes", {"0:A", "1:B", "2:C"}, RAW, {"", "", "", 0}, "del 0:A 1:B 2:C; del date " RAW},
};

static void add_list(struct text *text, const char *what, const struct bytes *const *values, size_t count) {
    text_format(text, "%s%s", text->length ? "; " : "", what);
    for (size_t i = 0; i < count; i++) {
        text_add(text, " ");
        attribute_shorten(text, values[i]);
    }
}

static char *show(const struct change *change) {
    struct text text = {0};
    struct bytes adds[SLOT_COUNT];
    const struct bytes *pointers[SLOT_COUNT];
    char date[TIME_TEXT_SIZE];

    for (size_t i = 0; i < change->add_count; i++) {
        adds[i] = (struct bytes){(unsigned char *)(size_t)change->add_values[i], strlen(change->add_values[i])};
        pointers[i] = &adds[i];
    }
    if (change->delete_count)
        add_list(&text, "del", change->delete_values, change->delete_count);
    if (change->add_count)
        add_list(&text, change->replace_values ? "all" : "add", pointers, change->add_count);
    if (change->delete_date)
        add_list(&text, "del date", &change->delete_date, 1);
    if (change->add_date)
        text_format(&text, "%sadd date %s", text.length ? "; " : "", time_format_generalized(date, change->date));
    return text_take(&text);
}

static struct desired wanted(const char *current, const char *previous, const char *next, time_t date) {
    const char *short_forms[SLOT_COUNT] = {current, previous, next};
    struct desired desired = {.date = date};

    for (int slot = 0; slot < SLOT_COUNT; slot++)
        for (int i = 0; short_forms[slot][0] && i < THUMBPRINT_LENGTH; i++)
            desired.thumbprint[slot][i] = short_forms[slot][0];
    return desired;
}

static void test_changes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(change_cases) / sizeof(change_cases[0]); i++) {
        const struct change_case *given = &change_cases[i];
        struct desired desired =
            wanted(given->desired.current, given->desired.previous, given->desired.next, given->desired.date);
        struct attribute attribute;
        struct change change;
        struct error err = {0};
        char *shown;

        attribute_make(&attribute, given->values, sizeof(given->values) / sizeof(given->values[0]), given->raw_date);
        if (!plan_change(&attribute.facts, &desired, &change, &err))
            fail_msg("%s: %s", given->name, err.text);
        shown = show(&change);
        if (strcmp(shown, given->expected) != 0)
            fail_msg("%s: expected \"%s\", got \"%s\"", given->name, given->expected, shown);
        assert_int_equal(change_is_empty(&change), given->expected[0] == '\0');
        free(shown);
        attribute_clear(&attribute);
    }
}

static void refuses(const char *const *values, size_t count, const struct desired *desired, enum error_kind kind) {
    struct attribute attribute;
    struct change change = {.delete_count = 7};
    struct error err = {0};

    attribute_make(&attribute, values, count, NULL);
    assert_false(plan_change(&attribute.facts, desired, &change, &err));
    assert_int_equal(err.kind, kind);
    assert_int_equal(change.delete_count, 7);
    attribute_clear(&attribute);
}

static void test_refused(void **state) {
    const char *healthy[] = {"0:A"};
    const char *many[CHANGE_DELETE_MOST + 1];
    struct desired undated = wanted("A", "", "B", 0);
    struct desired previous = wanted("A", "B", "", 0);
    struct desired lower = wanted("b", "", "", 0);
    struct desired wild = wanted("A", "", "B", (time_t)1 << 50);
    struct desired plain = wanted("A", "", "", 0);

    (void)state;
    for (size_t i = 0; i <= CHANGE_DELETE_MOST; i++)
        many[i] = "9:A";
    refuses(healthy, 1, &undated, ERROR_BUG);
    refuses(healthy, 1, &previous, ERROR_BUG);
    refuses(healthy, 1, &lower, ERROR_BUG);
    refuses(healthy, 1, &wild, ERROR_BUG);
    refuses(many, CHANGE_DELETE_MOST + 1, &plain, ERROR_DATA);
}

/* As many values as a change holds, all of which go. */
static void test_full(void **state) {
    char texts[CHANGE_DELETE_MOST][8];
    const char *values[CHANGE_DELETE_MOST];
    struct desired desired = wanted("A", "", "", 0);
    struct attribute attribute;
    struct change change;
    struct error err = {0};

    (void)state;
    for (size_t i = 0; i < CHANGE_DELETE_MOST; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%zu:x", i + 10);
        values[i] = texts[i];
    }
    attribute_make(&attribute, values, CHANGE_DELETE_MOST, NULL);
    assert_true(plan_change(&attribute.facts, &desired, &change, &err));
    assert_int_equal(change.delete_count, CHANGE_DELETE_MOST);
    assert_int_equal(change.add_count, 1);
    attribute_clear(&attribute);
}

/* A reproducible sequence (the constants of MMIX). */
static unsigned draw(uint64_t *sequence, unsigned below) {
    *sequence = *sequence * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(*sequence >> 33) % below;
}

/* A value that may be right, wrong in one place, or anything. */
static void draw_value(uint64_t *sequence, char out[16]) {
    static const char *const prefixes[] = {"0:", "1:", "2:", "0:", "2:", "", " 0:", "2 :", "3:", "^:", "0:0:"};
    static const char *const bodies[] = {"A", "B", "C", "a", "b", " A", "A ", "", " ", "zz", "^", "\xff", "AB"};

    snprintf(out, 16, "%s%s", prefixes[draw(sequence, 11)], bodies[draw(sequence, 13)]);
}

static struct desired draw_desired(uint64_t *sequence) {
    static const char *const letters[] = {"A", "B", "C", "D", ""};
    const char *next = letters[draw(sequence, 5)], *current = letters[draw(sequence, 4)];

    /* Next is never the current one once more. */
    if (strcmp(next, current) == 0)
        next = "";
    return wanted(current, letters[draw(sequence, 5)], next, next[0] ? DATE + (time_t)draw(sequence, 2) : 0);
}

static bool is_inexact(const struct bytes *value) {
    return !slot_value_parse(value).exact;
}

/* Nothing is deleted and added at once, and what says what is desired stays in its bytes. */
static void check_change(const struct attribute *before, const struct desired *desired, const struct change *change) {
    for (size_t i = 0; i < change->delete_count; i++) {
        struct slot_value value = slot_value_parse(change->delete_values[i]);
        bool spare = false;

        for (size_t j = 0; j < change->add_count; j++)
            assert_false(
                change->delete_values[i]->length == strlen(change->add_values[j]) &&
                memcmp(change->delete_values[i]->data, change->add_values[j], change->delete_values[i]->length) == 0);
        if (!value.known_prefix || !value.readable || strcmp(value.thumbprint, desired->thumbprint[value.slot]) != 0)
            continue;
        /* It says what is desired and goes: because it has no prefix that Exchange sees, or because another one says so
         * too. */
        for (size_t j = 0; j < before->facts.raw_count; j++) {
            struct slot_value other = slot_value_parse(&before->facts.raw_values[j]);

            if (&before->facts.raw_values[j] != change->delete_values[i] && other.known_prefix && other.readable &&
                other.slot == value.slot && strcmp(other.thumbprint, value.thumbprint) == 0)
                spare = true;
        }
        assert_true(spare || is_inexact(change->delete_values[i]));
    }
    for (size_t j = 0; j < change->add_count; j++)
        for (size_t i = 0; i < before->facts.raw_count && !change->replace_values; i++)
            assert_false(before->facts.raw_values[i].length == strlen(change->add_values[j]) &&
                         memcmp(before->facts.raw_values[i].data, change->add_values[j],
                                before->facts.raw_values[i].length) == 0);
}

/* Is every slot that gets a value kept from a second writer? */
static void check_guard(const struct attribute *before, const struct change *change) {
    bool loses[SLOT_COUNT] = {false};

    for (size_t i = 0; i < change->delete_count; i++) {
        struct slot_value value = slot_value_parse(change->delete_values[i]);

        if (value.known_prefix)
            loses[value.slot] = true;
    }
    for (size_t j = 0; j < change->add_count && !change->replace_values; j++) {
        enum slot slot = (enum slot)(change->add_values[j][0] - '0');

        if (slot == SLOT_NEXT)
            assert_true(loses[SLOT_NEXT] || change->add_date);
        else if (slot == SLOT_PREVIOUS)
            assert_true(loses[SLOT_PREVIOUS] || loses[SLOT_CURRENT] || change->delete_count == before->facts.raw_count);
        else
            assert_true(loses[SLOT_CURRENT] || change->delete_count > 0);
    }
    if (change->add_date)
        assert_true(change->delete_date != NULL || before->facts.raw_date.data == NULL);
}

static void check_result(const struct attribute *after, const struct desired *desired, const struct change *change) {
    const unsigned broken = MALFORMED_TWO_VALUES | MALFORMED_PREFIX | MALFORMED_THUMBPRINT | MALFORMED_DATE;
    const struct slots *slots = &after->facts.slots;
    struct change again;
    struct error err = {0};
    struct desired reached = *desired;

    assert_int_equal(slots->malformed & broken, 0);
    for (int slot = 0; slot < SLOT_COUNT; slot++)
        assert_string_equal(slots->thumbprint[slot], desired->thumbprint[slot]);
    assert_true(slots->date == desired->date || (change->delete_date && slots->date == desired->date + 1));
    assert_true(!slots->bare_current || change_is_empty(change));
    reached.date = slots->date;
    assert_true(plan_change(&after->facts, &reached, &again, &err));
    assert_true(change_is_empty(&again));
}

static void test_any_state_to_any_state(void **state) {
    static const char *const dates[] = {NULL, NULL, RAW, "20270101000000Z", "20270101000001.0Z", "x", "^", ""};
    uint64_t sequence = 20261121;
    size_t planned = 0, refused = 0;

    (void)state;
    for (int i = 0; i < 40000; i++) {
        char texts[7][16];
        const char *values[7];
        size_t count = draw(&sequence, 8);
        struct desired desired = draw_desired(&sequence);
        struct attribute before, after;
        struct change change;
        struct error err = {0};

        for (size_t j = 0; j < count; j++) {
            draw_value(&sequence, texts[j]);
            values[j] = texts[j];
        }
        attribute_make_set(&before, values, count, dates[draw(&sequence, 8)]);
        if (plan_change(&before.facts, &desired, &change, &err)) {
            check_change(&before, &desired, &change);
            check_guard(&before, &change);
            attribute_apply(&before, &change, &after);
            check_result(&after, &desired, &change);
            attribute_clear(&after);
            planned++;
        } else {
            assert_int_equal(err.kind, ERROR_BUG);
            assert_non_null(strstr(err.text, "previous certificate"));
            refused++;
        }
        attribute_clear(&before);
    }
    assert_true(planned > 35000);
    assert_true(refused > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_any_state_to_any_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
