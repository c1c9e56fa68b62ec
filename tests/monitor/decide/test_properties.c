#include "monitor/decide/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/monitor/scene.h"

#define ROUNDS 200000

/* xorshift: the same scenes in every run, so a failure can be looked at again. */
static uint64_t seed = 0x9e3779b97f4a7c15u;

static unsigned random_below(unsigned below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % below);
}

/* Instants near the limits that matter, and a second to either side. */
static int64_t random_span(void) {
    static const int64_t limits[] = {0,        36 * HOUR, 49 * HOUR, 7 * DAY, 14 * DAY,
                                     30 * DAY, 90 * DAY,  120 * DAY, YEAR,    5 * YEAR};
    int64_t at = limits[random_below(sizeof(limits) / sizeof(limits[0]))];

    if (random_below(4) == 0)
        at = -at;
    return at + (int64_t)random_below(3) - 1;
}

static struct scene_slot random_slot(unsigned chance_of_none) {
    struct scene_slot slot = {.set = random_below(chance_of_none) != 0,
                              .known = random_below(6) == 0 ? IS_UNKNOWN : IS_KNOWN,
                              .starts = random_below(8) == 0 ? random_span() : 0,
                              .ends = random_span(),
                              .bits = random_below(8) == 0 ? 1024 : 2048,
                              .key_kept = random_below(2) != 0,
                              .delivery = (enum delivery)random_below(4)};
    return slot;
}

static struct scene random_scene(void) {
    struct scene scene = {.current = random_slot(1000),
                          .previous = random_slot(2),
                          .next = random_slot(3),
                          .date = random_span(),
                          .hybrid = (enum answer)random_below(3),
                          .may_write = (enum answer)random_below(3),
                          .probed = random_below(2) != 0,
                          .writer_down = random_below(5) == 0,
                          .unreadable = random_below(20) == 0,
                          .skew = random_below(5) == 0 ? 301 : 0,
                          .changed = random_below(2) ? labs(random_span()) : 0,
                          .candidate = random_below(3) == 0 ? "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD" : NULL,
                          .candidate_delivery = (enum delivery)random_below(4)};
    static const char *const sites[] = {"A", "B"};

    scene.dated = scene.next.set;
    if (!scene.current.set)
        scene.malformed = MALFORMED_NO_VALUE;
    else if (random_below(10) == 0)
        scene.malformed = 1u << random_below(10);
    if (!scene.next.set && random_below(4) == 0) {
        scene.leftover = random_below(2) == 0 ? LEFTOVER_DATE : LEFTOVER_NEXT_IS_CURRENT;
        scene.dated = true;
    }
    for (unsigned i = 0; i < random_below(SCENE_SERVERS + 1); i++)
        scene.servers[i] = (struct scene_server){.site = sites[random_below(2)],
                                                 .not_counted = random_below(5) == 0,
                                                 .reached = (enum answer)random_below(3),
                                                 .current = (enum presence)random_below(4),
                                                 .previous = (enum presence)random_below(4),
                                                 .next = (enum presence)random_below(4)};
    return scene;
}

static bool is_alarm(enum row row) {
    return row == ROW_UNREADABLE || row == ROW_UNKNOWN_CERTIFICATE;
}

static void check_one_decision(const struct decision *decision) {
    assert_true(decision->applies[decision->row]);
    for (int row = 0; row < (int)decision->row; row++)
        assert_false(decision->applies[row]);
    assert_int_equal(decision->act == ACT_NONE, is_alarm(decision->row) || decision->row == ROW_NONE ||
                                                    (decision->row == ROW_MALFORMED && decision->act != ACT_MEND));
    if (decision->act == ACT_NONE)
        assert_int_equal(decision->blocked, BLOCK_NONE);
    for (size_t i = 1; i < decision->due_count; i++)
        assert_true(decision->due[i - 1].at <= decision->due[i].at);
}

static void check_nothing_unknown_is_acted_on(const struct facts *facts, const struct decision *decision) {
    enum slot_state current = facts_slot_state(facts, SLOT_CURRENT, NOW);
    enum slot_state next = facts_slot_state(facts, SLOT_NEXT, NOW);
    enum slot_state previous = facts_slot_state(facts, SLOT_PREVIOUS, NOW);

    if (!facts->read || current == SLOT_UNKNOWN)
        assert_true(decision->act == ACT_NONE || decision->row == ROW_MALFORMED);
    if (decision->act == ACT_REPLACE) {
        assert_true(facts_current_over(facts, NOW));
        assert_true(next != SLOT_UNKNOWN);
        assert_true(current == SLOT_USABLE || next != SLOT_USABLE || facts_nobody_has(facts, SLOT_NEXT));
        assert_true(current == SLOT_USABLE || previous != SLOT_USABLE || facts_held(facts, SLOT_PREVIOUS) == ANSWER_NO);
    }
    if (decision->act == ACT_ACTIVATE) {
        enum slot_state promoted = decision->promoted == SLOT_NEXT ? next : previous;

        assert_int_equal(promoted, SLOT_USABLE);
        if (decision->blocked == BLOCK_NONE && decision->row != ROW_PROMOTE)
            assert_true(facts_held(facts, decision->promoted) != ANSWER_NO);
    }
    if (decision->act == ACT_STAGE || decision->act == ACT_WITHDRAW || decision->act == ACT_RESCHEDULE)
        assert_true(current == SLOT_USABLE && next != SLOT_UNKNOWN);
}

static void check_severity(const struct facts *facts, const struct decision *decision) {
    if (!facts->read)
        assert_int_equal(decision->status, STATUS_UNKNOWN);
    else if (facts->slots.malformed != 0 || facts_slot_state(facts, SLOT_CURRENT, NOW) == SLOT_UNUSABLE)
        assert_int_equal(decision->status, STATUS_CRITICAL);
    else if (facts_slot_state(facts, SLOT_CURRENT, NOW) == SLOT_UNKNOWN)
        assert_true(decision->status == STATUS_UNKNOWN || decision->status == STATUS_CRITICAL);
    if (decision->covered)
        assert_true(facts_slot_state(facts, SLOT_NEXT, NOW) == SLOT_USABLE);
    if (decision->status == STATUS_OK)
        assert_true(decision->act == ACT_NONE || decision->blocked == BLOCK_NONE || decision->act == ACT_RETIRE ||
                    decision->row == ROW_LEFTOVER || decision->unblocked_remark);
}

static void check_dates(const struct facts *facts, const struct policy *policy, const struct decision *decision) {
    const struct certificate *current = facts->slot[SLOT_CURRENT].certificate;

    if (decision->act != ACT_STAGE && decision->act != ACT_RESCHEDULE)
        return;
    assert_true(decision->date >= NOW);
    assert_true(decision->date < current->not_after);
    assert_true(decision->date <= NOW + policy->activate_after);
}

/* The date of an entry in the list of what comes next; 0 = it is not listed. */
static time_t due_at(const struct decision *decision, enum due_what what) {
    for (size_t i = 0; i < decision->due_count; i++)
        if (decision->due[i].what == what)
            return decision->due[i].at;
    return 0;
}

/* What comes next and the decision never disagree. */
static void check_due(const struct facts *facts, const struct policy *policy, const struct decision *decision) {
    bool usable = facts_slot_state(facts, SLOT_CURRENT, NOW) == SLOT_USABLE;
    bool free = decision->blocked == BLOCK_NONE;
    bool listed = facts->read && facts->slots.malformed == 0 && decision->row != ROW_PROMOTE &&
                  decision->row != ROW_RESTORE && decision->row != ROW_REPLACE && facts_used(facts) != ANSWER_NO;
    time_t stage = due_at(decision, DUE_STAGE), activate = due_at(decision, DUE_ACTIVATE);
    time_t retire = due_at(decision, DUE_RETIRE), changed = facts->attribute_changed;

    if (!listed || !usable)
        assert_true(stage == 0 && retire == 0 && (listed || activate == 0));
    if (!listed)
        return;
    if (free && (decision->row == ROW_RESCHEDULE || (decision->row == ROW_RESTAGE && decision->act == ACT_STAGE)))
        assert_true(activate == decision->date && stage == 0);
    else if (free && decision->act == ACT_WITHDRAW)
        assert_true(activate == 0 && stage > NOW);
    else {
        assert_true(activate == 0 || activate == facts->slots.date || activate == changed + 37 * HOUR);
        if (activate != 0 && activate <= NOW)
            assert_true(decision->applies[ROW_ACTIVATE]);
        if (activate != 0 && facts->slots.date <= NOW && !decision->applies[ROW_ACTIVATE])
            assert_true(activate == changed + 37 * HOUR && activate > NOW);
        if (decision->applies[ROW_ACTIVATE])
            assert_true(activate == facts->slots.date);
        if (stage != 0)
            assert_int_equal(facts_slot_state(facts, SLOT_NEXT, NOW), SLOT_EMPTY);
        assert_int_equal(decision->applies[ROW_STAGE], stage != 0 && stage <= NOW);
    }
    assert_int_equal(decision->applies[ROW_RETIRE], retire != 0 && retire <= NOW);
    if (retire > NOW)
        assert_true(retire == changed + policy->retire_after && (activate == 0 || retire < activate));
}

static void test_random_facts(void **state) {
    struct policy policy;

    (void)state;
    policy_default(&policy);
    for (int i = 0; i < ROUNDS; i++) {
        struct scene scene = random_scene();
        struct stage stage;
        struct facts facts;
        struct decision decision;

        policy.mode = random_below(4) == 0 ? MODE_MONITOR : MODE_RENEW;
        policy.hybrid_proceed = random_below(2) != 0;
        scene_build(&scene, &stage, &facts);
        decision = decide(&facts, NULL, &policy, NOW);
        check_one_decision(&decision);
        check_nothing_unknown_is_acted_on(&facts, &decision);
        check_severity(&facts, &decision);
        check_dates(&facts, &policy, &decision);
        check_due(&facts, &policy, &decision);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_facts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
