#include "monitor/show/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "tests/monitor/sample.h"

/* What the sample says first. */
#define BRIEFING "By itself: nothing happens\nCommand: authcert renew\n"

#define DAY ((time_t)SECONDS_PER_DAY)

static void assert_shown(const char *expected) {
    char *text = sample_shown(show_nagios);

    assert_string_equal(text, expected);
    free(text);
}

static void a_warning_has_text_and_data(void **state) {
    (void)state;
    assert_shown("AUTHCERT WARNING - the current certificate ends on 2026-12-12, in 21 days | current_days=21;90:;14: "
                 "servers=2;;;0 servers_missing=0;;;0 servers_unreachable=0;;;0\n" BRIEFING
                 "nothing is due before the current certificate ends\n");
}

static void every_status_has_its_word(void **state) {
    static const struct {
        enum status status;
        const char *begin;
    } rows[] = {{STATUS_OK, "AUTHCERT OK - the "},
                {STATUS_WARNING, "AUTHCERT WARNING - the "},
                {STATUS_CRITICAL, "AUTHCERT CRITICAL - the "},
                {STATUS_UNKNOWN, "AUTHCERT UNKNOWN - the "}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text;

        sample.report.decision.status = rows[i].status;
        text = sample_shown(show_nagios);
        assert_int_equal(strncmp(text, rows[i].begin, strlen(rows[i].begin)), 0);
        free(text);
    }
}

static void next_and_servers_in_trouble_are_data_too(void **state) {
    (void)state;
    sample_slot(&sample.facts, SLOT_NEXT, SAMPLE_NEXT, SAMPLE_NOW, SAMPLE_NOW + 1800 * DAY);
    sample_date(&sample.facts, "20261201000000.0Z");
    sample_server(&sample.facts, "ex3.contoso.test", "Paris", PRESENCE_MISSING, PRESENCE_MISSING);
    sample_server(&sample.facts, "ex4.contoso.test", "Paris", PRESENCE_PRESENT, PRESENCE_MISSING);
    sample_server(&sample.facts, "ex5.contoso.test", "Paris", PRESENCE_UNREACHABLE, PRESENCE_UNKNOWN);
    sample_server(&sample.facts, "old.contoso.test", "Paris", PRESENCE_MISSING, PRESENCE_UNKNOWN);
    sample.facts.servers[5].counted = false;
    sample.policy.warn_days[0] = 60;
    remarks_free(&sample.report.reasons);
    assert_shown("AUTHCERT WARNING - the current certificate ends on 2026-12-12, in 21 days | current_days=21;60:;14: "
                 "next_days=1800 servers=5;;;0 servers_missing=2;;;0 servers_unreachable=1;;;0\n" BRIEFING);
}

static void an_ended_certificate_has_negative_days(void **state) {
    char *text;

    (void)state;
    sample.facts.slot[SLOT_CURRENT].certificate->not_after = SAMPLE_NOW - 1;
    text = sample_shown(show_nagios);
    assert_non_null(strstr(text, " | current_days=-1;90:;14: "));
    free(text);
}

static void what_could_not_be_read_is_unknown(void **state) {
    (void)state;
    sample.facts.read = false;
    sample.report.policy = NULL;
    sample.report.decision.row = ROW_UNREADABLE;
    sample.report.decision.status = STATUS_UNKNOWN;
    sample_text(&sample.report.briefing.wrong, "the directory could not be read");
    remarks_free(&sample.report.reasons);
    assert_shown("AUTHCERT UNKNOWN - the directory could not be read | current_days=U;90:;14:\n" BRIEFING);
}

static void an_unknown_certificate_has_unknown_days(void **state) {
    char *text;

    (void)state;
    certificate_free(sample.facts.slot[SLOT_CURRENT].certificate);
    sample.facts.slot[SLOT_CURRENT].certificate = NULL;
    text = sample_shown(show_nagios);
    assert_non_null(strstr(text, " | current_days=U;90:;14: "));
    free(text);
}

/* A pipe or a line feed in a value would let whoever wrote it forge the data that follows. */
static void nothing_from_outside_forges_a_line_or_data(void **state) {
    char *text;
    char *line;
    int pipes = 0;

    (void)state;
    sample_text(&sample.report.briefing.wrong, "Z\xc3\xbcrich | current_days=999\nAUTHCERT OK \033[2J\x7f\xff|");
    remarks_free(&sample.report.reasons);
    remarks_add(&sample.report.reasons, "test", "a|b\nc\xe2\x82\xac");
    sample.report.decision.blocked = BLOCK_MODE;
    sample_text(&sample.report.how_to_unblock, "set | mode");
    text = sample_shown(show_nagios);
    line = strchr(text, '\n');
    assert_non_null(line);
    *line = '\0';
    assert_int_equal(
        strncmp(text, "AUTHCERT WARNING - Z?rich / current_days=999 AUTHCERT OK  [2J ?/ | current_days=21", 80), 0);
    for (const char *c = text; *c != '\0'; c++) {
        assert_true(*c >= 0x20 && *c < 0x7f);
        pipes += *c == '|' ? 1 : 0;
    }
    assert_int_equal(pipes, 1);
    assert_string_equal(line + 1, BRIEFING "a/b c?\nTo unblock: set / mode\n");
    free(text);
}

static void a_text_without_end_is_cut(void **state) {
    char *text;

    (void)state;
    free(sample.report.briefing.wrong);
    sample.report.briefing.wrong = malloc(100001);
    assert_non_null(sample.report.briefing.wrong);
    memset(sample.report.briefing.wrong, 'x', 100000);
    sample.report.briefing.wrong[100000] = '\0';
    text = sample_shown(show_nagios);
    assert_true(strlen(text) < 1200);
    assert_non_null(strstr(text, "x | current_days=21;90:;14: "));
    free(text);
}

static void a_full_disk_is_noticed(void **state) {
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    assert_false(show_nagios(&sample.report, full));
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_warning_has_text_and_data, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(every_status_has_its_word, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(next_and_servers_in_trouble_are_data_too, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(an_ended_certificate_has_negative_days, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(what_could_not_be_read_is_unknown, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_certificate_has_unknown_days, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(nothing_from_outside_forges_a_line_or_data, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_text_without_end_is_cut, sample_set_up, sample_tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_is_noticed, sample_set_up, sample_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
