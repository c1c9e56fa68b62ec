#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "ldap/connect/discover.h"

#define MOST 8

/* A DNS answer about x.test with SRV records; targets are written out, never compressed. */
struct answer {
    unsigned char bytes[2048];
    size_t length;
};

static void add_bytes(struct answer *answer, const void *data, size_t length) {
    assert_true(answer->length + length <= sizeof(answer->bytes));
    memcpy(answer->bytes + answer->length, data, length);
    answer->length += length;
}

static void add_number(struct answer *answer, unsigned number) {
    const unsigned char bytes[] = {(unsigned char)(number >> 8), (unsigned char)number};

    add_bytes(answer, bytes, sizeof(bytes));
}

static void add_name(struct answer *answer, const char *name) {
    while (*name) {
        size_t length = strcspn(name, ".");
        unsigned char size = (unsigned char)length;

        add_bytes(answer, &size, 1);
        add_bytes(answer, name, length);
        name += length;
        name += *name == '.';
    }
    add_bytes(answer, "", 1);
}

static size_t name_length(const char *name) {
    return strlen(name) + (*name ? 2 : 1);
}

static void add_record(struct answer *answer, unsigned type, unsigned priority, unsigned weight, const char *target) {
    add_number(answer, 0xc00c);
    add_number(answer, type);
    add_number(answer, 1);
    add_number(answer, 0);
    add_number(answer, 60);
    add_number(answer, (unsigned)(6 + name_length(target)));
    add_number(answer, priority);
    add_number(answer, weight);
    add_number(answer, 389);
    add_name(answer, target);
    answer->bytes[7]++;
}

static struct answer new_answer(void) {
    static const unsigned char header[] = {1, 2, 0x85, 0x80, 0, 1, 0, 0, 0, 0, 0, 0};
    struct answer answer = {.length = 0};

    add_bytes(&answer, header, sizeof(header));
    add_name(&answer, "x.test");
    add_number(&answer, 33);
    add_number(&answer, 1);
    return answer;
}

static void takes_only_hosts_of_the_domain(void **state) {
    static const char *const refused[] = {"dc.evil.test", "x.test",    "evilx.test",     "",          "d c.x.test",
                                          "-d.x.test",    "d/.x.test", "dc.x.test.evil", "d\n.x.test"};
    struct answer answer = new_answer();
    struct discovered found[MOST];
    struct error err = {0};
    size_t count = 0, others = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        add_record(&answer, 33, 0, 0, refused[i]);
    add_record(&answer, 33, 7, 8, "DC1.X.test");
    add_record(&answer, 1, 0, 0, "dc2.x.test");
    assert_true(discover_parse(answer.bytes, answer.length, "x.test", found, MOST, &count, &others, &err));
    assert_int_equal(count, 1);
    assert_int_equal(others, sizeof(refused) / sizeof(refused[0]));
    assert_string_equal(found[0].host, "DC1.X.test");
    assert_int_equal(found[0].priority, 7);
    assert_int_equal(found[0].weight, 8);
    assert_int_equal(found[0].port, 389);
}

static void takes_no_more_than_there_is_room(void **state) {
    struct answer answer = new_answer();
    struct discovered found[MOST];
    size_t count = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < 2 * MOST; i++)
        add_record(&answer, 33, 0, 0, "dc.x.test");
    assert_true(discover_parse(answer.bytes, answer.length, "x.test", found, MOST, &count, &refused, NULL));
    assert_int_equal(count, MOST);
}

static void refuses_what_is_cut_anywhere(void **state) {
    struct answer answer = new_answer();
    struct discovered found[MOST];
    size_t count = 0, refused = 0;

    (void)state;
    add_record(&answer, 33, 0, 0, "dc1.x.test");
    for (size_t length = 0; length < answer.length; length++) {
        struct error err = {0};

        if (!discover_parse(answer.bytes, length, "x.test", found, MOST, &count, &refused, &err))
            assert_int_equal(err.kind, ERROR_DATA);
        else
            fail_msg("%zu of %zu bytes were taken for an answer", length, answer.length);
    }
}

static unsigned lowest(unsigned n) {
    (void)n;
    return 0;
}

static unsigned highest(unsigned n) {
    return n - 1;
}

static void orders_by_priority_then_weight(void **state) {
    const struct discovered all[] = {
        {"a.x.test", 389, 5, 10}, {"b.x.test", 389, 1, 0}, {"c.x.test", 389, 1, 90}, {"d.x.test", 389, 1, 10}};
    struct discovered found[4];

    (void)state;
    memcpy(found, all, sizeof(all));
    discover_order(found, 4, highest);
    assert_string_equal(found[0].host, "c.x.test");
    assert_string_equal(found[1].host, "d.x.test");
    assert_string_equal(found[2].host, "b.x.test");
    assert_string_equal(found[3].host, "a.x.test");
    memcpy(found, all, sizeof(all));
    discover_order(found, 4, lowest);
    assert_string_equal(found[0].host, "b.x.test");
    assert_string_equal(found[1].host, "d.x.test");
    assert_string_equal(found[2].host, "c.x.test");
    assert_string_equal(found[3].host, "a.x.test");
    discover_order(found, 0, highest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_only_hosts_of_the_domain),
        cmocka_unit_test(takes_no_more_than_there_is_room),
        cmocka_unit_test(refuses_what_is_cut_anywhere),
        cmocka_unit_test(orders_by_priority_then_weight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
