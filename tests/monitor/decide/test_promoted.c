#include "monitor/decide/promoted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define C "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"

/* Instants as small numbers; 0 = nobody says. The directory shows A before B. */
static const struct {
    const char *name;
    struct {
        time_t attribute, object;
    } directory;
    struct pair pair;
    struct {
        time_t promoted, changed, surely;
    } expected; /* the last with a history only */
} table[] = {
    {"nothing says", {0, 0}, {.since = 0}, {0, 0, 0}},
    {"the attribute's time", {50, 0}, {.since = 0}, {50, 50, 0}},
    {"the object's time", {0, 60}, {.since = 0}, {60, 60, 0}},
    {"the earlier of both", {50, 60}, {.since = 0}, {50, 50, 0}},
    {"the earlier of both, the other way", {60, 50}, {.since = 0}, {50, 50, 0}},
    {"the history alone", {0, 0}, {A, B, .since = 40, .seen = 70}, {40, 40, 0}},
    {"the history's, when it is earlier", {50, 0}, {A, B, .since = 40, .seen = 70}, {40, 50, 0}},
    {"the directory's, when it is earlier", {30, 0}, {A, B, .since = 40, .seen = 70}, {30, 30, 0}},
    {"not before another pair still stood", {30, 0}, {A, B, .since = 40, .seen = 70, .after = 35}, {35, 35, 35}},
    {"in the very second", {35, 0}, {A, B, .since = 40, .seen = 70, .after = 35}, {35, 35, 35}},
    {"another pair was seen: only since then", {50, 0}, {C, B, .since = 40, .seen = 45}, {50, 50, 50}},
    {"and not before", {30, 0}, {C, B, .since = 40, .seen = 45}, {45, 45, 45}},
    {"another previous alone is no promotion that is certain", {50, 0}, {A, C, .since = 40, .seen = 45}, {50, 50, 0}},
    {"unless another pair was seen to be followed",
     {50, 0},
     {A, C, .since = 40, .seen = 45, .after = 20},
     {50, 50, 50}},
};

static void test_times(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct facts facts = {.attribute_changed = table[i].directory.attribute,
                              .object_changed = table[i].directory.object,
                              .slots = {.thumbprint = {[SLOT_CURRENT] = A, [SLOT_PREVIOUS] = B}}};
        struct history history = {.pair = table[i].pair};
        bool none = table[i].pair.since == 0;

        print_message("%s\n", table[i].name);
        assert_int_equal(promoted_at(&facts, &history), table[i].expected.promoted);
        assert_int_equal(promoted_changed_at(&facts, &history), table[i].expected.changed);
        assert_int_equal(promoted_surely_at(&facts, &history), table[i].expected.surely);
        if (!none)
            continue;
        assert_int_equal(promoted_at(&facts, NULL), table[i].expected.promoted);
        assert_int_equal(promoted_changed_at(&facts, NULL), table[i].expected.changed);
        assert_int_equal(promoted_surely_at(&facts, NULL), 0);
    }
}

/* Without previous nothing was promoted: the organization's first certificate is as old as the organization. */
static void test_first_certificate(void **state) {
    struct facts facts = {.attribute_changed = 50, .slots = {.thumbprint = {[SLOT_CURRENT] = A}}};
    struct history history = {.pair = {A, "", .since = 40, .seen = 70, .after = 20}};

    (void)state;
    assert_int_equal(promoted_surely_at(&facts, &history), 0);
    assert_int_equal(promoted_at(&facts, &history), 40);
}

/* A history that never saw a pair says nothing, whatever stands in it. */
static void test_empty_history(void **state) {
    struct facts facts = {.attribute_changed = 50, .slots = {.thumbprint = {[SLOT_CURRENT] = A}}};
    struct history history = {.pair = {C, B, .since = 0, .seen = 70, .after = 60}};

    (void)state;
    assert_int_equal(promoted_at(&facts, &history), 50);
    assert_int_equal(promoted_changed_at(&facts, &history), 50);
    assert_int_equal(promoted_surely_at(&facts, &history), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_first_certificate),
        cmocka_unit_test(test_empty_history),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
