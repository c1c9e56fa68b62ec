#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/policy.h"
#include "core/report.h"

static void has_the_documented_defaults(void **state) {
    static const int days[] = {90, 60, 45, 30, 14, 7, 3, 1};
    struct policy policy;

    (void)state;
    memset(&policy, 0xff, sizeof(policy));
    policy_default(&policy);
    assert_int_equal(policy.mode, MODE_MONITOR);
    assert_int_equal(policy.warn_count, 8);
    assert_memory_equal(policy.warn_days, days, sizeof(days));
    assert_int_equal(policy.renew_before, 90 * 86400);
    assert_int_equal(policy.activate_after, 30 * 86400);
    assert_int_equal(policy.min_lead, 49 * 3600);
    assert_int_equal(policy.retire_after, 7 * 86400);
    assert_int_equal(policy.escalate_at, 14 * 86400);
    assert_int_equal(policy.lifetime.years, 5);
    assert_int_equal(policy.lifetime.seconds, 0);
    assert_int_equal(policy.key_bits, 2048);
    assert_false(policy.hybrid_proceed);
}

/* The JSON of the contract spells them so. */
static void names_as_in_the_contract(void **state) {
    static const char *const rows[ROW_COUNT] = {"unreadable", "malformed",  "unknown-certificate",
                                                "promote",    "restore",    "replace",
                                                "activate",   "reschedule", "restage",
                                                "stage",      "leftover",   "deliver",
                                                "retire",     "none"};
    static const char *const acts[] = {"none",    "mend",       "stage",    "activate",  "retire",      "replace",
                                       "deliver", "reschedule", "withdraw", "entra-add", "entra-remove"};
    static const char *const blocks[] = {"none",        "mode",   "clock", "rights",
                                         "unreachable", "hybrid", "entra", "delivery"};

    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++)
        assert_string_equal(row_name((enum row)i), rows[i]);
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
        assert_string_equal(act_name((enum act)i), acts[i]);
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
        assert_string_equal(block_name((enum block)i), blocks[i]);
    assert_string_equal(status_name(STATUS_OK), "ok");
    assert_string_equal(status_name(STATUS_WARNING), "warning");
    assert_string_equal(status_name(STATUS_CRITICAL), "critical");
    assert_string_equal(status_name(STATUS_UNKNOWN), "unknown");
    assert_string_equal(due_name(DUE_STAGE), "stage");
    assert_string_equal(due_name(DUE_ACTIVATE), "activate");
    assert_string_equal(due_name(DUE_RETIRE), "retire");
    assert_string_equal(due_name(DUE_WARN), "warn");
    assert_string_equal(due_name(DUE_EXPIRE), "expire");
    assert_string_equal(told_result_name(TOLD_SENT), "sent");
    assert_string_equal(told_result_name(TOLD_QUEUED), "queued");
    assert_string_equal(told_result_name(TOLD_UNKNOWN), "unknown");
    assert_string_equal(told_result_name(TOLD_FAILED), "failed");
    assert_string_equal(mode_name(MODE_MONITOR), "monitor");
    assert_string_equal(mode_name(MODE_RENEW), "renew");
}

/* What is borrowed must survive; leaks are the sanitizer's to find. */
static void frees_a_report(void **state) {
    struct facts facts = {0};
    struct report report = {.facts = &facts};

    (void)state;
    remarks_add(&report.reasons, "test", "because");
    strings_add(&report.problems[SLOT_NEXT], "a problem");
    report.briefing.wrong = strdup("summary");
    report.how_to_unblock = strdup("so");
    report.done = calloc(2, sizeof(*report.done));
    assert_non_null(report.done);
    report.done_count = 2;
    report.done[1].detail = strdup("detail");
    report_free(&report);
    assert_null(report.briefing.wrong);
    assert_int_equal(report.done_count, 0);
    report_free(&report);
    report_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_documented_defaults),
        cmocka_unit_test(names_as_in_the_contract),
        cmocka_unit_test(frees_a_report),
    };

    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
