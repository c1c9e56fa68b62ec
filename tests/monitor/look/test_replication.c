#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/look/replication.h"

#define NOW ((time_t)1795226400)

/* What the other domain controllers answer, and how often they were asked. */
struct others {
    enum answer answers[3];
    size_t count;
    bool fail;
    int asked;
};

static bool compare(void *context, struct facts *facts, struct error *err) {
    struct others *others = context;
    char name[] = "dc2.x.test";

    others->asked++;
    if (others->fail)
        return error_set(err, ERROR_NETWORK, "nothing answered");
    facts->controllers = calloc(others->count + 1, sizeof(*facts->controllers));
    assert_non_null(facts->controllers);
    for (size_t i = 0; i < others->count; i++) {
        name[2] = (char)('2' + (int)i);
        facts->controllers[i] = (struct controller_facts){.server = strdup(name), .agrees = others->answers[i]};
    }
    facts->controller_count = others->count;
    facts->compared = true;
    return true;
}

struct bed {
    struct others others;
    struct run_ports ports;
    struct history history;
    struct facts facts;
    struct report report;
    struct strings troubles;
    struct looker looker;
};

static void set_up(struct bed *bed, bool wrote, bool ok) {
    *bed = (struct bed){.facts = {.read = true}};
    bed->ports.directory = (struct directory_port){.context = &bed->others, .compare = compare};
    bed->looker = (struct looker){.ports = &bed->ports,
                                  .now = NOW,
                                  .history = &bed->history,
                                  .facts = &bed->facts,
                                  .report = &bed->report,
                                  .troubles = &bed->troubles};
    if (!wrote)
        return;
    bed->report.done = calloc(1, sizeof(*bed->report.done));
    assert_non_null(bed->report.done);
    bed->report.done[0] = (struct done){.act = ACT_STAGE, .ok = ok, .detail = strdup("written")};
    bed->report.done_count = 1;
}

static void tear_down(struct bed *bed) {
    report_free(&bed->report);
    facts_free(&bed->facts);
    history_free(&bed->history);
    strings_free(&bed->troubles);
}

static void confirm(struct bed *bed) {
    struct error err = {0};

    assert_true(replication_confirm(&bed->looker, &err));
}

static void asks_nobody_without_a_write(void **state) {
    struct bed bed;

    (void)state;
    set_up(&bed, false, false);
    confirm(&bed);
    tear_down(&bed);
    set_up(&bed, true, false);
    confirm(&bed);
    assert_int_equal(bed.others.asked, 0);
    tear_down(&bed);
}

static void says_who_has_it(void **state) {
    struct bed bed;

    (void)state;
    set_up(&bed, true, true);
    bed.others = (struct others){.answers = {ANSWER_YES, ANSWER_NO, ANSWER_UNKNOWN}, .count = 3};
    confirm(&bed);
    assert_string_equal(bed.report.done[0].detail,
                        "written; it is also on dc2.x.test; not yet on dc3.x.test; not to be asked: dc4.x.test");
    assert_int_equal(bed.report.reasons.count, 1);
    assert_int_equal(bed.history.spreading_since, NOW);
    assert_int_equal(bed.history.event_count, 1);
    assert_int_equal(bed.troubles.count, 0);
    tear_down(&bed);
}

static void forgets_what_is_everywhere(void **state) {
    struct bed bed;

    (void)state;
    set_up(&bed, true, true);
    bed.others = (struct others){.answers = {ANSWER_YES}, .count = 1};
    confirm(&bed);
    assert_string_equal(bed.report.done[0].detail, "written; it is also on dc2.x.test");
    assert_int_equal(bed.report.reasons.count, 0);
    assert_int_equal(bed.history.spreading_since, 0);
    assert_int_equal(bed.history.event_count, 0);
    tear_down(&bed);
}

static void asks_until_it_is_everywhere(void **state) {
    struct bed bed;

    (void)state;
    set_up(&bed, false, false);
    bed.history.spreading_since = NOW - 99;
    bed.others = (struct others){.answers = {ANSWER_YES, ANSWER_UNKNOWN}, .count = 2};
    confirm(&bed);
    assert_int_equal(bed.history.spreading_since, NOW - 99);
    assert_int_equal(bed.history.event_count, 0);
    facts_forget_controllers(&bed.facts);
    bed.others.answers[1] = ANSWER_YES;
    confirm(&bed);
    assert_int_equal(bed.history.spreading_since, 0);
    assert_int_equal(bed.history.event_count, 1);
    assert_string_equal(bed.history.events[0].text, "the last change is on every domain controller now");
    tear_down(&bed);
}

static void failure_to_ask_is_a_trouble_only(void **state) {
    struct bed bed;

    (void)state;
    set_up(&bed, true, true);
    bed.others.fail = true;
    confirm(&bed);
    assert_string_equal(bed.report.done[0].detail, "written");
    assert_int_equal(bed.troubles.count, 1);
    tear_down(&bed);
}

static void matters_before_these_rows(void **state) {
    static const bool matters[ROW_COUNT] = {
        [ROW_RESTAGE] = true, [ROW_RESCHEDULE] = true, [ROW_REPLACE] = true, [ROW_RETIRE] = true};

    (void)state;
    for (int row = 0; row < ROW_COUNT; row++) {
        struct decision decision = {.row = (enum row)row, .act = ACT_RETIRE};

        assert_int_equal(replication_matters(&decision), matters[row]);
        decision.blocked = BLOCK_MODE;
        assert_false(replication_matters(&decision));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_nobody_without_a_write),      cmocka_unit_test(says_who_has_it),
        cmocka_unit_test(forgets_what_is_everywhere),       cmocka_unit_test(asks_until_it_is_everywhere),
        cmocka_unit_test(failure_to_ask_is_a_trouble_only), cmocka_unit_test(matters_before_these_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
