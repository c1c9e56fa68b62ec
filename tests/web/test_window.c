#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/window.h"

static void has_so_many_places(void **state) {
    struct window window = {.seats = 2, .most = 10};
    struct seat seats[2];

    (void)state;
    assert_true(window_has_room(&window));
    window_enter(&window, &seats[0], 1000);
    window_enter(&window, &seats[1], 1000);
    assert_false(window_has_room(&window));
    window_leave(&window, &seats[0]);
    assert_true(window_has_room(&window));
    assert_int_equal(window.under_way, 1);
}

static void who_does_not_connect_waits_outside(void **state) {
    struct window window = {.seats = 1, .most = 2};
    struct seat slow, other;

    (void)state;
    window_enter(&window, &slow, 1000);
    assert_false(window_wants_look(&slow, 1000 + WINDOW_PATIENCE - 1));
    assert_true(window_wants_look(&slow, 1000 + WINDOW_PATIENCE));
    window_looked(&window, &slow, false);
    assert_true(window_has_room(&window));
    window_enter(&window, &other, 1000 + WINDOW_PATIENCE);
    assert_false(window_has_room(&window));
    window_leave(&window, &other);
    assert_true(window_has_room(&window));
    window_leave(&window, &slow);
    assert_int_equal(window.taken, 0);
    assert_int_equal(window.under_way, 0);
}

static void together_they_are_limited(void **state) {
    struct window window = {.seats = 1, .most = 2};
    struct seat seats[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        window_enter(&window, &seats[i], 0);
        window_looked(&window, &seats[i], false);
    }
    assert_int_equal(window.taken, 0);
    assert_false(window_has_room(&window));
}

static void who_connects_late_takes_a_place_again(void **state) {
    struct window window = {.seats = 1, .most = 4};
    struct seat slow, other;

    (void)state;
    window_enter(&window, &slow, 0);
    window_looked(&window, &slow, false);
    window_enter(&window, &other, WINDOW_PATIENCE);
    window_looked(&window, &slow, true);
    assert_false(window_wants_look(&slow, 9999));
    window_leave(&window, &other);
    assert_false(window_has_room(&window));
    window_leave(&window, &slow);
    assert_true(window_has_room(&window));
    assert_int_equal(window.taken, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_so_many_places),
        cmocka_unit_test(who_does_not_connect_waits_outside),
        cmocka_unit_test(together_they_are_limited),
        cmocka_unit_test(who_connects_late_takes_a_place_again),
    };

    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
