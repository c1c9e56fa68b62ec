/*
 * The port to the directory: its clock is held against the moment of each look, however long the run has taken before.
 * The room behind it and the monotonic clock are replaced.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor/ports/directory.h"

#define BEGAN ((time_t)1800000000)

int __wrap_clock_gettime(clockid_t clock, struct timespec *at); /* put into the place of libc's by the linker */

static time_t uptime, seen;

int __wrap_clock_gettime(clockid_t clock, struct timespec *at) {
    assert_int_equal(clock, CLOCK_MONOTONIC);
    *at = (struct timespec){.tv_sec = uptime};
    return 0;
}

void directory_look(const struct directory_settings *settings, struct directory_known *known, time_t now,
                    struct facts *ret_facts) {
    (void)settings;
    (void)known;
    (void)ret_facts;
    seen = now;
}

bool directory_compare(const struct directory_settings *settings, time_t now, struct facts *facts, struct error *err) {
    (void)settings;
    (void)now;
    (void)facts;
    return error_set(err, ERROR_BUG, "nobody is compared here");
}

void directory_known_free(struct directory_known *known) {
    (void)known;
}

static time_t look_at(struct directory_port *port, time_t monotonic) {
    struct facts facts = {0};

    uptime = monotonic;
    port->look(port->context, &facts);
    return seen;
}

static void each_look_has_its_own_moment(void **state) {
    struct directory_settings settings = {0};
    struct look_port look = {.settings = &settings, .now = BEGAN};
    struct directory_port port;

    (void)state;
    uptime = 5000;
    port = look_port_of(&look);
    assert_int_equal(look_at(&port, 5000), BEGAN);
    assert_int_equal(look_at(&port, 5002), BEGAN + 2);
    assert_int_equal(look_at(&port, 5400), BEGAN + 400);
    look_port_end(&look);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_look_has_its_own_moment)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
