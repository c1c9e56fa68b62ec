/*
 * The second in which each rule begins or ends to hold, and each condition that stands alone.
 */
#include "monitor/decide/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/monitor/scene.h"

#define CANDIDATE "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
#define EXCHANGE_NIGHT (36 * HOUR)
#define LAST_DAYS (7 * DAY) /* of current, for which the date is set at the latest */

static struct policy policy;
static struct stage stage;
static struct facts facts;

static struct decision decided(const struct scene *scene) {
    scene_build(scene, &stage, &facts);
    return decide(&facts, NULL, &policy, NOW);
}

static int set_up(void **state) {
    (void)state;
    policy_default(&policy);
    policy.mode = MODE_RENEW;
    return 0;
}

static void assert_date(int64_t left, int64_t date) {
    assert_int_equal(decide_date(NOW + left, &policy, NOW) - NOW, date);
}

static void test_the_date(void **state) {
    const int64_t after = policy.activate_after, lead = policy.min_lead;

    (void)state;
    assert_date(after + LAST_DAYS, after);
    assert_date(after + LAST_DAYS - 1, after - 1);
    assert_date(lead + LAST_DAYS, lead);
    assert_date(lead + LAST_DAYS - 1, lead);
    assert_date(lead + EXCHANGE_NIGHT, lead);
    assert_date(lead + EXCHANGE_NIGHT - 1, 0);
}

static void test_stage_begins(void **state) {
    struct scene scene = {.current = ENDS(0), .hybrid = ANSWER_NO, .may_write = ANSWER_YES};

    (void)state;
    scene.current.ends = policy.renew_before;
    assert_int_equal(decided(&scene).row, ROW_STAGE);
    scene.current.ends++;
    assert_int_equal(decided(&scene).row, ROW_NONE);
}

/* What a next that cannot stay becomes: another one within renew_before of current's end, and nothing before. */
static void test_restage_or_withdraw(void **state) {
    struct scene scene = {.next = {.set = true, .ends = 10 * DAY}, .dated = true, .date = 20 * DAY};

    (void)state;
    scene.current = (struct scene_slot)ENDS(policy.renew_before);
    assert_int_equal(decided(&scene).row, ROW_RESTAGE);
    assert_int_equal(decided(&scene).act, ACT_STAGE);
    scene.current.ends++;
    assert_int_equal(decided(&scene).act, ACT_WITHDRAW);
    assert_int_equal(decided(&scene).date, 0);
}

/* A new certificate ends as long after now as its lifetime says, less the day that it is dated back. */
static void test_what_a_new_one_would_be_worth(void **state) {
    struct scene scene = {.current = ENDS(60 * DAY), .dated = true, .date = 20 * DAY};
    time_t made = time_add_span(NOW - CERTIFICATE_BACKDATED, policy.lifetime) - NOW;

    (void)state;
    policy.renew_before = made + DAY; /* no next is good enough */
    scene.next = (struct scene_slot)ENDS(made - 1);
    assert_int_equal(decided(&scene).row, ROW_RESTAGE);
    scene.next.ends = made;
    assert_int_not_equal(decided(&scene).row, ROW_RESTAGE);
}

/* A date is moved when it is a second later than Exchange needs, and a better one is a day earlier. */
static void test_reschedule(void **state) {
    struct scene scene = {.current = ENDS(60 * DAY), .next = ENDS(5 * YEAR), .dated = true};

    (void)state;
    scene.date = 60 * DAY - EXCHANGE_NIGHT;
    assert_int_not_equal(decided(&scene).row, ROW_RESCHEDULE);
    scene.date++;
    assert_int_equal(decided(&scene).row, ROW_RESCHEDULE);
    assert_int_equal(decided(&scene).date, NOW + policy.activate_after);

    scene.current.ends = LAST_DAYS;
    policy.min_lead = 2 * DAY;
    scene.date = 3 * DAY;
    assert_int_not_equal(decided(&scene).row, ROW_RESCHEDULE);
    scene.date = LAST_DAYS - EXCHANGE_NIGHT + 1;
    assert_int_equal(decided(&scene).date, NOW + policy.min_lead);
}

#define HELD_BY_NONE                                                                                                   \
    .servers = {{.site = "A", .reached = ANSWER_YES, .current = PRESENCE_PRESENT, .next = PRESENCE_MISSING}},          \
    .probed = true

/* What no server has is put off when its date is nearer than min_lead, and not to a date that is no later. */
static void test_put_off(void **state) {
    struct scene scene = {.current = ENDS(60 * DAY),
                          .next = {.set = true, .ends = 5 * YEAR, .key_kept = true, .delivery = DELIVERY_FAILED},
                          .dated = true,
                          HELD_BY_NONE};

    (void)state;
    scene.date = policy.min_lead;
    assert_int_not_equal(decided(&scene).row, ROW_RESCHEDULE);
    scene.date--;
    assert_int_equal(decided(&scene).row, ROW_RESCHEDULE);
    assert_int_equal(decided(&scene).date, NOW + policy.activate_after);

    scene.current.ends = policy.activate_after + EXCHANGE_NIGHT - 1;
    assert_int_equal(decided(&scene).date, NOW + policy.activate_after - 1);
    scene.current.ends = scene.date + EXCHANGE_NIGHT;
    assert_int_not_equal(decided(&scene).row, ROW_RESCHEDULE);
    scene.current.ends++;
    assert_int_equal(decided(&scene).date, NOW + scene.date + 1);
}

/* Servers lack current or next; previous is of no interest. */
static void test_deliver(void **state) {
    static const struct {
        enum presence current, previous, next;
        bool due;
    } cases[] = {{PRESENCE_PRESENT, PRESENCE_MISSING, PRESENCE_PRESENT, false},
                 {PRESENCE_MISSING, PRESENCE_PRESENT, PRESENCE_PRESENT, true},
                 {PRESENCE_PRESENT, PRESENCE_PRESENT, PRESENCE_MISSING, true}};
    struct scene scene = {.current = ENDS(YEAR),
                          .previous = ENDS(YEAR),
                          .next = ENDS(5 * YEAR),
                          .dated = true,
                          .date = 300 * DAY,
                          .probed = true};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct decision decision;

        scene.servers[0] = (struct scene_server){.site = "A",
                                                 .reached = ANSWER_YES,
                                                 .current = cases[i].current,
                                                 .previous = cases[i].previous,
                                                 .next = cases[i].next};
        decision = decided(&scene);
        assert_int_equal(decision.applies[ROW_DELIVER], cases[i].due);
        if (cases[i].due) {
            assert_int_equal(decision.act, ACT_DELIVER);
            assert_int_equal(decision.blocked, BLOCK_DELIVERY);
        }
    }
    /* One key that can be brought is enough. */
    scene.next.key_kept = true;
    assert_int_equal(decided(&scene).blocked, BLOCK_NONE);
    scene.next.delivery = DELIVERY_WAITING;
    assert_int_equal(decided(&scene).blocked, BLOCK_DELIVERY);
    scene.next.delivery = DELIVERY_UNTRIED;
    scene.servers[0].next = PRESENCE_PRESENT;
    scene.servers[0].current = PRESENCE_MISSING;
    assert_int_equal(decided(&scene).blocked, BLOCK_DELIVERY);
}

static void test_clock(void **state) {
    static const struct {
        int64_t skew;
        bool wrong;
    } cases[] = {{300, false}, {301, true}, {-300, false}, {-301, true}};
    struct scene scene = {.current = ENDS(60 * DAY), .hybrid = ANSWER_NO, .may_write = ANSWER_YES};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scene.skew = cases[i].skew;
        assert_int_equal(decided(&scene).blocked, cases[i].wrong ? BLOCK_CLOCK : BLOCK_NONE);
    }
}

/* What is planned waits for the one writer; so do the small repairs, and what is urgent does not. */
static void test_writer_is_down(void **state) {
    struct scene leftover = {.current = ENDS(YEAR), .leftover = LEFTOVER_NEXT_IS_CURRENT, .writer_down = true};
    struct scene hidden = {.current = ENDS(YEAR), .malformed = MALFORMED_HIDDEN, .hidden = true, .writer_down = true};
    struct scene stage_one = {.current = ENDS(60 * DAY), .writer_down = true};
    struct scene ended = {.current = ENDS(-1), .writer_down = true};

    (void)state;
    assert_int_equal(decided(&leftover).blocked, BLOCK_UNREACHABLE);
    assert_int_equal(decided(&hidden).blocked, BLOCK_UNREACHABLE);
    assert_int_equal(decided(&stage_one).blocked, BLOCK_UNREACHABLE);
    assert_int_not_equal(decided(&ended).blocked, BLOCK_UNREACHABLE);
}

/* Every kind of plan waits for a site that is cut off. */
static void test_site_is_cut_off(void **state) {
    struct scene scene = {.current = ENDS(60 * DAY),
                          .next = {.set = true, .ends = 10 * DAY},
                          .dated = true,
                          .date = 20 * DAY,
                          .servers = {{.site = "A", .reached = ANSWER_YES, .current = PRESENCE_PRESENT},
                                      {.site = "B", .reached = ANSWER_NO, .current = PRESENCE_UNREACHABLE}},
                          .probed = true};
    enum block blocked;

    (void)state;
    assert_int_equal(decided(&scene).row, ROW_RESTAGE);
    blocked = decided(&scene).blocked;
    assert_int_not_equal(blocked, BLOCK_NONE);
    scene.next.ends = 5 * YEAR;
    scene.date = 59 * DAY;
    assert_int_equal(decided(&scene).row, ROW_RESCHEDULE);
    assert_int_equal(decided(&scene).blocked, blocked);
    scene.next.set = scene.dated = false;
    assert_int_equal(decided(&scene).row, ROW_STAGE);
    assert_int_equal(decided(&scene).blocked, blocked);
}

#define CASE(test) cmocka_unit_test_setup(test, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_the_date),
        CASE(test_stage_begins),
        CASE(test_restage_or_withdraw),
        CASE(test_what_a_new_one_would_be_worth),
        CASE(test_reschedule),
        CASE(test_put_off),
        CASE(test_deliver),
        CASE(test_clock),
        CASE(test_writer_is_down),
        CASE(test_site_is_cut_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
