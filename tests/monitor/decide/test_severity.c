#include "monitor/decide/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/monitor/scene.h"

#define EXCHANGE_NIGHTS_LATE (36 * HOUR)

static struct stage stage;
static struct facts facts;
static struct history history;
static struct policy policy;

static void build(const struct scene *scene) {
    scene_build(scene, &stage, &facts);
    history = (struct history){0};
    policy_default(&policy);
}

static struct decision decided(void) {
    return decide(&facts, &history, &policy, NOW);
}

/* A next whose date is past is Exchange's own matter for as long as its servicelet may take, to the second. */
static void test_late_promotion_covers(void **state) {
    struct scene scene = {.current = ENDS(20 * DAY), .next = ENDS(5 * YEAR), .dated = true, .hybrid = ANSWER_NO};

    (void)state;
    scene.date = -EXCHANGE_NIGHTS_LATE;
    build(&scene);
    assert_true(decided().covered);
    scene.date--;
    build(&scene);
    assert_false(decided().covered);
}

static void test_silence(void **state) {
    static const struct scene scene = {.current = ENDS(YEAR), .probed = true, .hybrid = ANSWER_NO};

    (void)state;
    build(&scene);
    facts.asked = true;
    history.silence = (struct silence){.nights = SILENCE_NIGHTS_MOST - 2, .night = NOW - DAY};
    assert_int_equal(decided().silence, SILENCE_NONE);
    assert_int_equal(decided().status, STATUS_OK);
    history.silence.nights++;
    assert_int_equal(decided().silence, SILENCE_NIGHTS);
    assert_int_equal(decided().silent_nights, SILENCE_NIGHTS_MOST);
    assert_int_equal(decided().status, STATUS_WARNING);
    history.silence.nights++;
    assert_int_equal(decided().silence, SILENCE_NIGHTS);

    /* All at once HTTP 500 after good documents needs no three nights, but servers that learned nothing. */
    history.silence = (struct silence){.good = NOW - DAY};
    stage.servers[0].http_status = 500;
    assert_int_equal(decided().silence, SILENCE_REFUSING);
    stage.servers[0].learned = true;
    assert_int_equal(decided().silent_nights, 0);
    assert_int_equal(decided().silence, SILENCE_NONE);
    assert_int_equal(decided().status, STATUS_OK);
    facts.read = false;
    assert_int_equal(decided().silence, SILENCE_NONE);
}

/* What Entra lacks, or has long said nothing about, is a warning of its own; the tenant behind the last one is none. */
static void test_entra(void **state) {
    static const struct scene scene = {.current = ENDS(YEAR)};
    struct tenant_facts tenants[2] = {0};

    (void)state;
    build(&scene);
    policy.entra = ENTRA_ADD;
    facts.tenants = tenants;
    facts.tenant_count = 1;
    tenants[1].slot[SLOT_CURRENT].silent = 9;
    assert_int_equal(decided().status, STATUS_OK);
    tenants[0].slot[SLOT_CURRENT].silent = 2;
    assert_int_equal(decided().status, STATUS_OK);
    tenants[0].slot[SLOT_CURRENT].silent = 3;
    assert_int_equal(decided().status, STATUS_WARNING);
    tenants[0].slot[SLOT_CURRENT].silent = 0;
    tenants[0].slot[SLOT_PREVIOUS].silent = 9;
    assert_int_equal(decided().status, STATUS_OK);
    tenants[0].slot[SLOT_NEXT].silent = 3;
    assert_int_equal(decided().status, STATUS_WARNING);
    policy.entra = ENTRA_OFF;
    assert_int_equal(decided().status, STATUS_OK);
}

/* Each alone makes a warning. */
static void test_warnings(void **state) {
    static const struct scene good = {.current = ENDS(YEAR), .hybrid = ANSWER_NO};
    static const struct scene next_unknown = {
        .current = ENDS(YEAR), .next = {.set = true, .known = IS_UNKNOWN}, .dated = true, .date = 20 * DAY};

    (void)state;
    build(&good);
    assert_int_equal(decided().status, STATUS_OK);
    facts.record_foreign = true;
    assert_int_equal(decided().status, STATUS_WARNING);
    build(&good);
    facts.date_unread = true;
    assert_int_equal(decided().status, STATUS_WARNING);
    build(&next_unknown);
    assert_int_equal(decided().status, STATUS_WARNING);
    build(&good);
    history.act_failed = true; /* of an act that is due no more */
    assert_int_equal(decided().status, STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_promotion_covers),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_entra),
        cmocka_unit_test(test_warnings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
