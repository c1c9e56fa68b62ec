#include "monitor/decide/recovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/monitor/scene.h"

#define AHEAD (14 * HOUR)  /* after its beginning, before every server on earth takes a certificate */
#define BEHIND (12 * HOUR) /* before its end, when the first may refuse it */
#define NONE '-'
#define LACKING(slot_presence) .servers = {{.site = "X", .reached = ANSWER_YES, slot_presence}}, .probed = true

/* What is chosen is told by its letter: A is current, B previous, C next, as scenes name them; 1 and 2 are the others.
 */
static const struct {
    const char *name;
    struct scene scene;
    bool needed;
    char chosen;
} table[] = {
    {"all is well", {.current = ENDS(YEAR)}, false, 'A'},
    {"next comes before current", {.current = ENDS(YEAR), .next = ENDS(2 * YEAR), .dated = true}, false, 'C'},
    {"none", {.malformed = MALFORMED_NO_VALUE}, true, NONE},
    {"empty though nothing is malformed", {.previous = ENDS(-1)}, true, NONE},
    {"ended", {.current = ENDS(-1)}, true, NONE},
    {"ends now", {.current = ENDS(0)}, true, NONE},
    {"ended on some servers", {.current = ENDS(BEHIND)}, true, NONE},
    {"a second before that", {.current = ENDS(BEHIND + 1)}, false, 'A'},
    {"unknown", {.current = {.set = true, .known = IS_UNKNOWN}}, true, NONE},
    {"weak", {.current = {.set = true, .ends = YEAR, .bits = 1024}}, true, NONE},
    {"previous", {.current = ENDS(-1), .previous = ENDS(YEAR)}, true, 'B'},
    {"previous, which has ended on some servers", {.current = ENDS(-1), .previous = ENDS(BEHIND)}, true, NONE},
    {"next before previous",
     {.current = ENDS(-1), .previous = ENDS(YEAR), .next = ENDS(YEAR), .dated = true},
     true,
     'C'},
    {"a next that not every server takes yet, after a previous",
     {.current = ENDS(-1),
      .previous = ENDS(YEAR),
      .next = {.set = true, .starts = -AHEAD + 1, .ends = YEAR},
      .dated = true},
     true,
     'B'},
    {"a next that every server takes",
     {.current = ENDS(-1),
      .previous = ENDS(YEAR),
      .next = {.set = true, .starts = -AHEAD, .ends = YEAR},
      .dated = true},
     true,
     'C'},
    {"a next that not every server takes yet, with nothing else",
     {.current = ENDS(-1), .next = {.set = true, .starts = -HOUR, .ends = YEAR}, .dated = true},
     true,
     'C'},
    {"a next that has not begun",
     {.current = ENDS(-1), .next = {.set = true, .starts = HOUR, .ends = YEAR}, .dated = true},
     true,
     NONE},
    {"a next that no server holds",
     {.current = ENDS(-1), .next = ENDS(YEAR), .dated = true, LACKING(.next = PRESENCE_MISSING)},
     true,
     NONE},
    {"a next that no server holds, with its key here",
     {.current = ENDS(-1),
      .next = {.set = true, .ends = YEAR, .key_kept = true},
      .dated = true,
      LACKING(.next = PRESENCE_MISSING)},
     true,
     'C'},
    {"malformed", {.current = ENDS(YEAR), .malformed = MALFORMED_TWO_VALUES}, true, 'A'},
    {"hidden: its spelling is all that is wrong, so that it comes before next",
     {.current = ENDS(YEAR), .next = ENDS(2 * YEAR), .dated = true, .malformed = MALFORMED_HIDDEN, .hidden = true},
     true,
     'A'},
    {"hidden, and ended",
     {.current = ENDS(-1), .next = ENDS(2 * YEAR), .dated = true, .malformed = MALFORMED_HIDDEN, .hidden = true},
     true,
     'C'},
    {"hidden, and perhaps ended",
     {.current = ENDS(BEHIND), .next = ENDS(2 * YEAR), .dated = true, .malformed = MALFORMED_HIDDEN, .hidden = true},
     true,
     'C'},
    {"hidden, and more is wrong",
     {.current = ENDS(YEAR),
      .next = ENDS(2 * YEAR),
      .dated = true,
      .malformed = MALFORMED_HIDDEN | MALFORMED_PREFIX,
      .hidden = true},
     true,
     'C'},
};

static struct certificate other(char letter, int64_t starts, int64_t ends) {
    struct certificate certificate = {
        .not_before = NOW + starts, .not_after = NOW + ends, .rsa = true, .key_bits = 2048};

    memset(certificate.thumbprint, letter, THUMBPRINT_LENGTH);
    return certificate;
}

static void test_choice(void **state) {
    struct certificate ending = other('1', -YEAR, -1);
    struct certificate *others[] = {&ending};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char chosen[THUMBPRINT_SIZE] = "not written";
        struct stage stage;
        struct facts facts;

        print_message("%s\n", table[i].name);
        scene_build(&table[i].scene, &stage, &facts);
        assert_int_equal(recovery_is_needed(&facts, NOW), table[i].needed);
        recovery_choose(&facts, others, 1, NOW, chosen);
        assert_int_equal(chosen[0] != '\0' ? chosen[0] : NONE, table[i].chosen);
        assert_int_equal(strlen(chosen), chosen[0] != '\0' ? THUMBPRINT_LENGTH : 0);
    }
}

/* An emergency's own thumbprint, hidden beside a next that Exchange does not see either: not the spelling of one. */
static void test_next_is_hidden_too(void **state) {
    static const struct scene scene = {
        .current = ENDS(YEAR), .next = ENDS(2 * YEAR), .dated = true, .malformed = MALFORMED_HIDDEN, .hidden = true};
    char chosen[THUMBPRINT_SIZE];
    struct desired desired;
    struct stage stage;
    struct facts facts;

    (void)state;
    scene_build(&scene, &stage, &facts);
    facts.slots.hidden[SLOT_NEXT] = true;
    recovery_choose(&facts, NULL, 0, NOW, chosen);
    assert_int_equal(chosen[0], 'C');
    desired = recovery_desired(&facts, facts.slots.thumbprint[SLOT_CURRENT], NOW);
    assert_string_equal(desired.thumbprint[SLOT_NEXT], "");
}

/* Of those that stand in no slot the one that ends last, the first of two that end together; of those that not every
 * server takes yet, only where there is nothing else. */
static void test_others(void **state) {
    static const struct scene scene = {.current = ENDS(-1)};
    static const struct scene with_previous = {.current = ENDS(-1), .previous = ENDS(20 * DAY)};
    struct certificate one = other('1', -YEAR, 100 * DAY), two = other('2', -YEAR, 101 * DAY);
    struct certificate twin = other('3', -YEAR, 101 * DAY), fresh = other('4', -HOUR, YEAR);
    struct certificate *all[] = {&one, &two, &twin, &fresh}, *young[] = {&fresh};
    char chosen[THUMBPRINT_SIZE];
    struct stage stage;
    struct facts facts;

    (void)state;
    scene_build(&scene, &stage, &facts);
    recovery_choose(&facts, all, 4, NOW, chosen);
    assert_int_equal(chosen[0], '2');
    recovery_choose(&facts, all, 1, NOW, chosen);
    assert_int_equal(chosen[0], '1');
    recovery_choose(&facts, young, 1, NOW, chosen);
    assert_int_equal(chosen[0], '4');
    recovery_choose(&facts, all, 0, NOW, chosen);
    assert_string_equal(chosen, "");
    scene_build(&with_previous, &stage, &facts);
    recovery_choose(&facts, all, 4, NOW, chosen);
    assert_int_equal(chosen[0], 'B');
}

/* Of a malformed object nothing but the chosen one stays; of one that is only spelt wrong, a later next with its date.
 */
static void test_what_stays(void **state) {
    struct scene scene = {.current = ENDS(YEAR), .next = ENDS(2 * YEAR), .dated = true, .date = 20 * DAY};
    static const struct {
        unsigned malformed;
        bool stays;
    } cases[] = {
        {0, true}, {MALFORMED_HIDDEN, true}, {MALFORMED_PREFIX, false}, {MALFORMED_HIDDEN | MALFORMED_PREFIX, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct desired desired;
        struct stage stage;
        struct facts facts;

        scene.malformed = cases[i].malformed;
        scene_build(&scene, &stage, &facts);
        desired = recovery_desired(&facts, facts.slots.thumbprint[SLOT_CURRENT], NOW);
        assert_string_equal(desired.thumbprint[SLOT_CURRENT], facts.slots.thumbprint[SLOT_CURRENT]);
        assert_string_equal(desired.thumbprint[SLOT_NEXT], cases[i].stays ? facts.slots.thumbprint[SLOT_NEXT] : "");
        assert_int_equal(desired.date, cases[i].stays ? facts.slots.date : 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_next_is_hidden_too),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_what_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
