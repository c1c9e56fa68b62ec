#include "monitor/decide/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/monitor/scene.h"

static struct view seen(const struct scene *scene) {
    static struct stage stage;
    static struct facts facts;
    static struct policy policy;

    policy_default(&policy);
    scene_build(scene, &stage, &facts);
    return view_of(&facts, NULL, &policy, NOW);
}

/* A date is next's: without next it says nothing, and next may be without one. */
static void test_date(void **state) {
    struct scene both = {.current = ENDS(YEAR), .next = ENDS(2 * YEAR), .dated = true, .date = DAY};
    struct scene date = {.current = ENDS(YEAR), .dated = true, .date = DAY};
    struct scene next = {.current = ENDS(YEAR), .next = ENDS(2 * YEAR)};

    (void)state;
    assert_true(seen(&both).date_known);
    assert_int_equal(seen(&both).date, NOW + DAY);
    assert_false(seen(&date).date_known);
    assert_false(seen(&next).date_known);
}

/* Next is judged as it will be at its date, or is now where that is past or not known. */
static void test_next_at_its_date(void **state) {
    struct scene scene = {.current = ENDS(YEAR), .next = ENDS(2 * DAY), .dated = true};
    static const struct {
        int64_t starts, ends, date;
        bool dated;
        enum slot_state now, at_date;
    } cases[] = {
        {0, 2 * DAY, DAY, true, SLOT_USABLE, SLOT_USABLE},
        {0, 2 * DAY, 2 * DAY, true, SLOT_USABLE, SLOT_UNUSABLE},
        {DAY, YEAR, DAY, true, SLOT_UNUSABLE, SLOT_USABLE},
        {-DAY, YEAR, -2 * DAY, true, SLOT_USABLE, SLOT_USABLE}, /* not as it was */
        {DAY, YEAR, 2 * DAY, false, SLOT_UNUSABLE, SLOT_UNUSABLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct view view;

        scene.next.starts = cases[i].starts;
        scene.next.ends = cases[i].ends;
        scene.date = cases[i].date;
        scene.dated = cases[i].dated;
        view = seen(&scene);
        assert_int_equal(view.next, cases[i].now);
        assert_int_equal(view.next_at_date, cases[i].at_date);
    }
}

static void test_later(void **state) {
    struct scene later = {.current = ENDS(YEAR), .next = ENDS(YEAR + 1), .dated = true};
    struct scene same = {.current = ENDS(YEAR), .next = ENDS(YEAR), .dated = true};
    struct scene unknown = {.current = {.set = true, .known = IS_UNKNOWN}, .next = ENDS(YEAR), .dated = true};

    (void)state;
    assert_true(seen(&later).next_ends_later);
    assert_false(seen(&same).next_ends_later);
    assert_false(seen(&unknown).next_ends_later);
    assert_int_equal(seen(&later).current_left, YEAR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_next_at_its_date),
        cmocka_unit_test(test_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
