#include "monitor/show.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/time.h"
#include "tests/monitor/sample.h"

/* Each answer is compared with a file that a person has read. After a change that is meant, run with
 * AUTHCERT_WRITE_GOLDEN=1 and read the difference. */

#define DAY ((time_t)SECONDS_PER_DAY)
#define DATE "20261231020000.0Z"

static struct facts facts;
static struct policy policy;
static struct report report;
static bool colour;

static int set_up(void **state) {
    (void)state;
    colour = false;
    sample_facts(&facts, SAMPLE_NOW, 21);
    policy_default(&policy);
    sample_report(&report, &facts, &policy, SAMPLE_NOW);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    report_free(&report);
    facts_free(&facts);
    return 0;
}

static bool show(const struct report *shown, void *context, FILE *out) {
    (void)context;
    return show_text(shown, colour, out);
}

static void assert_golden(const char *name) {
    char *text = sample_shown(show, &report, NULL);
    char path[512];
    struct error err = {0};
    struct bytes golden = {0};

    snprintf(path, sizeof(path), GOLDEN "/%s.txt", name);
    if (getenv("AUTHCERT_WRITE_GOLDEN") != NULL) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        fputs(text, file);
        fclose(file);
    }
    if (!file_read(AT_FDCWD, path, 65536, &golden, &err))
        fail_msg("%s: %s", path, err.text);
    assert_string_equal(text, (const char *)golden.data);
    bytes_free(&golden);
    free(text);
}

static void a_certificate_with_three_weeks_left(void **state) {
    (void)state;
    facts.attribute_changed = SAMPLE_NOW - 1804 * DAY;
    facts.changed_by = strdup("DC2");
    report.decision.row = ROW_STAGE;
    report.decision.act = ACT_STAGE;
    report.decision.applies[ROW_STAGE] = true;
    report.decision.date = SAMPLE_NOW + 14 * DAY;
    report.decision.blocked = BLOCK_MODE;
    strings_free(&report.reasons);
    strings_add(&report.reasons, "no next certificate is staged, and current ends in 21 days, within the 90 days of "
                                 "renew_before");
    sample_text(&report.how_to_unblock, "set mode = renew in section [policy] of /etc/authcert/authcert.conf, or stage "
                                        "one now with: authcert renew");
    report.decision.due[0] = (struct due){.what = DUE_WARN, .at = SAMPLE_NOW + 7 * DAY};
    report.decision.due[1] = (struct due){.what = DUE_EXPIRE, .at = SAMPLE_NOW + 21 * DAY};
    report.decision.due_count = 2;
    assert_golden("three-weeks");
}

static void a_rotation_under_control_after_a_run(void **state) {
    (void)state;
    sample_slot(&facts, SLOT_PREVIOUS, SAMPLE_PREVIOUS, 0, 0);
    sample_slot(&facts, SLOT_NEXT, SAMPLE_NEXT, SAMPLE_NOW, SAMPLE_NOW + 1800 * DAY);
    sample_date(&facts, DATE);
    facts.slot[SLOT_NEXT].key_kept = true;
    facts.servers[1].presence[SLOT_NEXT] = PRESENCE_MISSING;
    sample_server(&facts, "edge1.contoso.test", "", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    facts.servers[2].counted = false;
    facts.hybrid = ANSWER_UNKNOWN;
    facts.directory.clock_skew = -61;
    facts.directory.writer_down = true;
    strings_add(&report.problems[SLOT_PREVIOUS],
                "its bytes are not known: no source has them; asked were the attribute "
                "msExchAuthCertificateData, the local store and what was imported");
    report.decision.row = ROW_DELIVER;
    report.decision.act = ACT_DELIVER;
    report.decision.applies[ROW_DELIVER] = true;
    report.decision.applies[ROW_RETIRE] = true;
    report.decision.status = STATUS_OK;
    policy.mode = MODE_RENEW;
    report.done = calloc(2, sizeof(*report.done));
    assert_non_null(report.done);
    report.done_count = 2;
    report.done[0].act = ACT_STAGE;
    report.done[0].ok = true;
    memcpy(report.done[0].thumbprint, SAMPLE_NEXT, THUMBPRINT_SIZE);
    sample_text(&report.done[0].detail, "effective from 2026-12-31T02:00:00Z");
    report.done[1].act = ACT_RETIRE;
    report.told[0] = (struct told){.channel = "mail", .result = TOLD_SENT, .to = 1};
    report.told[1] = (struct told){.channel = "webhook", .result = TOLD_FAILED};
    report.told_count = 2;
    strings_add(&facts.remarks, "the site of edge1.contoso.test is not named");
    assert_golden("after-run");
}

static void a_malformed_object(void **state) {
    (void)state;
    sample_value(&facts, "0: " SAMPLE_NEXT);
    sample_value(&facts, "9:\033[2J\xff");
    for (int i = 0; i < 9; i++)
        sample_value(&facts, "2:");
    sample_date(&facts, "2026\r\n");
    facts.servers_read = ANSWER_UNKNOWN;
    free(facts.servers[0].fqdn);
    free(facts.servers[0].site);
    free(facts.servers[0].version);
    facts.servers[0] = facts.servers[1];
    facts.server_count = 1;
    report.decision.row = ROW_MALFORMED;
    report.decision.act = ACT_MEND;
    report.decision.status = STATUS_CRITICAL;
    sample_text(&report.summary, "the auth configuration is malformed: Exchange cannot read it");
    report.decision.due_count = 0;
    assert_golden("malformed");
}

static void an_unreadable_directory(void **state) {
    (void)state;
    facts.read = false;
    facts.directory.clock_known = false;
    error_set(&facts.unreadable, ERROR_NETWORK,
              "connecting to ldaps://dc1.contoso.test: connection refused; is the domain controller up, and does a "
              "firewall let this host through to port 636?");
    report.decision.row = ROW_UNREADABLE;
    report.decision.status = STATUS_UNKNOWN;
    report.decision.due_count = 0;
    sample_text(&report.summary, "the directory could not be read");
    strings_free(&report.reasons);
    strings_add(&report.reasons, "no directory server answered");
    assert_golden("unreadable");
    strings_add(&report.reasons, "%s", facts.unreadable.text);
    assert_golden("unreadable-said");
}

/* A folder of many servers: `sites` sites of `each`, one in ten missing the certificate where `trouble`. */
static void add_servers(int sites, int each, bool trouble) {
    for (int i = 0; i < sites * each; i++) {
        char fqdn[64];
        char site[32];
        enum presence presence = PRESENCE_PRESENT;

        snprintf(fqdn, sizeof(fqdn), "mbx%04d.contoso.test", i);
        snprintf(site, sizeof(site), "Site-%03d", i % sites);
        if (trouble && i % 10 == 3)
            presence = i % 3 == 0 ? PRESENCE_UNREACHABLE : PRESENCE_MISSING;
        sample_server(&facts, fqdn, site, presence, PRESENCE_UNKNOWN);
    }
}

static void many_servers_in_few_sites(void **state) {
    (void)state;
    add_servers(3, 10, true);
    facts.servers[5].counted = false;
    assert_golden("many-servers");
}

static void thousands_of_servers(void **state) {
    (void)state;
    add_servers(300, 16, true);
    assert_golden("thousands");
}

static void no_server_at_all(void **state) {
    char *text;

    (void)state;
    for (size_t i = 0; i < facts.server_count; i++) {
        free(facts.servers[i].fqdn);
        free(facts.servers[i].site);
        free(facts.servers[i].version);
    }
    facts.server_count = 0;
    text = sample_shown(show, &report, NULL);
    assert_non_null(strstr(text, "None was seen in the directory."));
    free(text);
}

static void what_is_overdue_reads_as_overdue(void **state) {
    struct decision *decision = &report.decision;
    char *text;

    (void)state;
    decision->due[0] = (struct due){.what = DUE_STAGE, .at = SAMPLE_NOW - 69 * DAY};
    decision->due[1] = (struct due){.what = DUE_EXPIRE, .at = SAMPLE_NOW};
    decision->due[2] = (struct due){.what = DUE_WARN, .at = SAMPLE_NOW + 1};
    decision->due_count = 3;
    text = sample_shown(show, &report, NULL);
    assert_non_null(strstr(text, "\n  due since 2026-09-13  stage     a new certificate has to be staged\n"
                                 "            2026-11-21  expire    the current certificate ended\n"
                                 "            2026-11-21  warn      the next warning\n"));
    free(text);
}

static void colour_is_used_only_when_asked_for(void **state) {
    char *text = sample_shown(show, &report, NULL);

    (void)state;
    assert_null(strchr(text, '\033'));
    assert_int_equal(strncmp(text, "WARNING: ", 9), 0);
    free(text);
    colour = true;
    text = sample_shown(show, &report, NULL);
    assert_int_equal(strncmp(text, "\033[1;33mWARNING\033[0m: ", 20), 0);
    free(text);
}

static void long_lists_are_cut_with_their_number(void **state) {
    char *text;

    (void)state;
    for (int i = 0; i < 33; i++)
        strings_add(&facts.remarks, "remark %d", i);
    text = sample_shown(show, &report, NULL);
    assert_non_null(strstr(text, "remark 19\n"));
    assert_null(strstr(text, "remark 20"));
    assert_non_null(strstr(text, "and 13 more"));
    free(text);
}

static void a_full_disk_is_noticed(void **state) {
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_false(show_text(&report, false, full));
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_with_three_weeks_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_under_control_after_a_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_malformed_object, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unreadable_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_servers_in_few_sites, set_up, tear_down),
        cmocka_unit_test_setup_teardown(thousands_of_servers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_server_at_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_overdue_reads_as_overdue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(colour_is_used_only_when_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_lists_are_cut_with_their_number, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_noticed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
