#include "monitor/show/show.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "tests/monitor/sample.h"

/* Each answer is compared with a file that a person has read. After a change that is meant, run with
 * AUTHCERT_WRITE_GOLDEN=1 and read the difference. */

#define DAY ((time_t)SECONDS_PER_DAY)
#define DATE "20261231020000.0Z"

static bool colour;

static int set_up(void **state) {
    colour = false;
    return sample_set_up(state);
}

static bool show(const struct report *report, FILE *out) {
    return show_text(report, colour, out);
}

static void assert_golden(const char *name) {
    char *text = sample_shown(show);
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
    sample.facts.attribute_changed = SAMPLE_NOW - 1804 * DAY;
    sample.facts.changed_by = strdup("DC2");
    sample.report.decision.row = ROW_STAGE;
    sample.report.decision.act = ACT_STAGE;
    sample.report.decision.applies[ROW_STAGE] = true;
    sample.report.decision.date = SAMPLE_NOW + 14 * DAY;
    sample.report.decision.blocked = BLOCK_MODE;
    remarks_free(&sample.report.reasons);
    remarks_add(&sample.report.reasons, "test",
                "no next certificate is staged, and current ends in 21 days, within the 90 days of "
                "renew_before");
    sample_text(&sample.report.how_to_unblock,
                "set mode = renew in section [policy] of /etc/authcert/authcert.conf, or stage "
                "one now with: authcert renew");
    sample.report.decision.due[0] = (struct due){.what = DUE_WARN, .at = SAMPLE_NOW + 7 * DAY};
    sample.report.decision.due[1] = (struct due){.what = DUE_EXPIRE, .at = SAMPLE_NOW + 21 * DAY};
    sample.report.decision.due_count = 2;
    assert_golden("three-weeks");
}

static void a_rotation_under_control_after_a_run(void **state) {
    (void)state;
    sample_slot(&sample.facts, SLOT_PREVIOUS, SAMPLE_PREVIOUS, 0, 0);
    sample_slot(&sample.facts, SLOT_NEXT, SAMPLE_NEXT, SAMPLE_NOW, SAMPLE_NOW + 1800 * DAY);
    sample_date(&sample.facts, DATE);
    sample.facts.slot[SLOT_NEXT].key_kept = true;
    sample.facts.servers[1].presence[SLOT_NEXT] = PRESENCE_MISSING;
    sample_server(&sample.facts, "edge1.contoso.test", "", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample.facts.servers[2].counted = false;
    sample.facts.hybrid = ANSWER_UNKNOWN;
    sample.facts.directory.clock_skew = -61;
    sample.facts.directory.writer_down = true;
    strings_add(&sample.report.problems[SLOT_PREVIOUS],
                "its bytes are not known: no source has them; asked were the attribute "
                "msExchAuthCertificateData, the local store and what was imported");
    sample.report.decision.row = ROW_DELIVER;
    sample.report.decision.act = ACT_DELIVER;
    sample.report.decision.applies[ROW_DELIVER] = true;
    sample.report.decision.applies[ROW_RETIRE] = true;
    sample.report.decision.status = STATUS_OK;
    sample.policy.mode = MODE_RENEW;
    sample.report.done = calloc(2, sizeof(*sample.report.done));
    assert_non_null(sample.report.done);
    sample.report.done_count = 2;
    sample.report.done[0].act = ACT_STAGE;
    sample.report.done[0].ok = true;
    memcpy(sample.report.done[0].thumbprint, SAMPLE_NEXT, THUMBPRINT_SIZE);
    sample_text(&sample.report.done[0].detail, "effective from 2026-12-31T02:00:00Z");
    sample.report.done[1].act = ACT_RETIRE;
    sample.report.told[0] = (struct told){.channel = "mail", .result = TOLD_SENT, .to = 1};
    sample.report.told[1] = (struct told){.channel = "webhook", .result = TOLD_FAILED};
    sample.report.told_count = 2;
    remarks_add(&sample.facts.remarks, "test", "the site of edge1.contoso.test is not named");
    assert_golden("after-run");
}

static void servers_that_were_asked(void **state) {
    (void)state;
    sample_slot(&sample.facts, SLOT_PREVIOUS, SAMPLE_PREVIOUS, 0, 0);
    sample_server(&sample.facts, "ex3.contoso.test", "Berlin", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample_server(&sample.facts, "ex4.contoso.test", "Berlin", PRESENCE_UNREACHABLE, PRESENCE_UNREACHABLE);
    sample.facts.probed = true;
    for (size_t i = 0; i < 3; i++)
        sample.facts.servers[i].reached = ANSWER_YES;
    sample.facts.servers[3].reached = ANSWER_NO;
    sample_text(&sample.facts.servers[3].trouble, "the connection was refused (connect to 192.0.2.4 port 443)");
    sample.facts.servers[0].serves[SLOT_CURRENT] = sample.facts.servers[0].serves[SLOT_PREVIOUS] = true;
    sample.facts.servers[1].serves[SLOT_CURRENT] = true;
    sample.facts.servers[2].serves[SLOT_PREVIOUS] = true;
    assert_golden("servers-asked");
}

static void a_malformed_object(void **state) {
    (void)state;
    sample_value(&sample.facts, "0: " SAMPLE_NEXT);
    sample_value(&sample.facts, "9:\033[2J\xff");
    for (int i = 0; i < 9; i++)
        sample_value(&sample.facts, "2:");
    sample_date(&sample.facts, "2026\r\n");
    sample.facts.servers_read = ANSWER_UNKNOWN;
    free(sample.facts.servers[0].fqdn);
    free(sample.facts.servers[0].site);
    free(sample.facts.servers[0].version);
    sample.facts.servers[0] = sample.facts.servers[1];
    sample.facts.server_count = 1;
    sample.report.decision.row = ROW_MALFORMED;
    sample.report.decision.act = ACT_MEND;
    sample.report.decision.status = STATUS_CRITICAL;
    sample_text(&sample.report.briefing.wrong, "the auth configuration is malformed: Exchange cannot read it");
    sample.report.decision.due_count = 0;
    assert_golden("malformed");
}

static void an_unreadable_directory(void **state) {
    (void)state;
    sample.facts.read = false;
    sample.facts.directory.clock_known = false;
    error_set(&sample.facts.unreadable, ERROR_NETWORK,
              "connecting to ldaps://dc1.contoso.test: connection refused; is the domain controller up, and does a "
              "firewall let this host through to port 636?");
    sample.report.decision.row = ROW_UNREADABLE;
    sample.report.decision.status = STATUS_UNKNOWN;
    sample.report.decision.due_count = 0;
    sample_text(&sample.report.briefing.wrong, "the directory could not be read");
    remarks_free(&sample.report.reasons);
    remarks_add(&sample.report.reasons, "test", "no directory server answered");
    assert_golden("unreadable");
    remarks_add(&sample.report.reasons, "test", "%s", sample.facts.unreadable.text);
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
        sample_server(&sample.facts, fqdn, site, presence, PRESENCE_UNKNOWN);
    }
}

static void many_servers_in_few_sites(void **state) {
    (void)state;
    add_servers(3, 10, true);
    sample.facts.servers[5].counted = false;
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
    for (size_t i = 0; i < sample.facts.server_count; i++) {
        free(sample.facts.servers[i].fqdn);
        free(sample.facts.servers[i].site);
        free(sample.facts.servers[i].version);
    }
    sample.facts.server_count = 0;
    text = sample_shown(show);
    assert_non_null(strstr(text, "None was seen in the directory."));
    free(text);
}

static void what_is_overdue_reads_as_overdue(void **state) {
    struct decision *decision = &sample.report.decision;
    char *text;

    (void)state;
    decision->due[0] = (struct due){.what = DUE_STAGE, .at = SAMPLE_NOW - 69 * DAY};
    decision->due[1] = (struct due){.what = DUE_EXPIRE, .at = SAMPLE_NOW};
    decision->due[2] = (struct due){.what = DUE_WARN, .at = SAMPLE_NOW + 1};
    decision->due_count = 3;
    text = sample_shown(show);
    assert_non_null(strstr(text, "\n  due since 2026-09-13  stage     a new certificate has to be staged\n"
                                 "            2026-11-21  expire    the current certificate ended\n"
                                 "            2026-11-21  warn      the next warning\n"));
    free(text);
}

static void colour_is_used_only_when_asked_for(void **state) {
    char *text = sample_shown(show);

    (void)state;
    assert_null(strchr(text, '\033'));
    assert_int_equal(strncmp(text, "WARNING: ", 9), 0);
    free(text);
    colour = true;
    text = sample_shown(show);
    assert_int_equal(strncmp(text, "\033[1;33mWARNING\033[0m: ", 20), 0);
    free(text);
}

static void long_lists_are_cut_with_their_number(void **state) {
    char *text;

    (void)state;
    for (int i = 0; i < 33; i++)
        remarks_add(&sample.facts.remarks, "test", "remark %d", i);
    text = sample_shown(show);
    assert_non_null(strstr(text, "remark 19\n"));
    assert_null(strstr(text, "remark 20"));
    assert_non_null(strstr(text, "and 13 more"));
    free(text);
}

static void a_full_disk_is_noticed(void **state) {
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_false(show_text(&sample.report, false, full));
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_with_three_weeks_left, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_under_control_after_a_run, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(servers_that_were_asked, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_malformed_object, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(an_unreadable_directory, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(many_servers_in_few_sites, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(thousands_of_servers, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(no_server_at_all, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(what_is_overdue_reads_as_overdue, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(colour_is_used_only_when_asked_for, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(long_lists_are_cut_with_their_number, set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_noticed, set_up, sample_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
