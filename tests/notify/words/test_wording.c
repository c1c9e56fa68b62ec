/*
 * What messages say of a state: each kind of occasion but those of acts, and each row of the lifecycle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/words/calendar.h"
#include "notify/plain.h"
#include "notify/words/wording.h"
#include "tests/notify/golden.h"

static void make_blind(struct sample *sample) {
    sample->facts.read = false;
    (void)error_set(&sample->facts.unreadable, ERROR_NETWORK,
                    "cannot connect to ldaps://dc1.contoso.test: connection refused; check that the domain controller "
                    "runs");
    sample_decide(sample, ROW_UNREADABLE, ACT_NONE, BLOCK_NONE, STATUS_UNKNOWN);
}

static void expiry(void **unused) {
    struct occasion occasion = {.kind = OCCASION_EXPIRY, .threshold_days = 30};
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    golden_assert(&sample, &occasion, "expiry");
    sample_free(&sample);
}

static void expired(void **unused) {
    struct occasion occasion = {.kind = OCCASION_EXPIRY, .escalate = true};
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, SAMPLE_NOW - 3 * SAMPLE_DAY);
    sample_decide(&sample, ROW_REPLACE, ACT_REPLACE, BLOCK_MODE, STATUS_CRITICAL);
    sample.facts.hybrid = ANSWER_YES;
    remarks_add(&sample.report.reasons, "test", "Current cannot be used and nothing else can take its place.");
    strings_add(&sample.report.problems[SLOT_CURRENT], "it ended on 2026-11-18");
    sample_due(&sample, DUE_EXPIRE, SAMPLE_NOW - 3 * SAMPLE_DAY);
    golden_assert(&sample, &occasion, "expired");
    sample_free(&sample);
}

static void servers_missing(void **unused) {
    struct occasion occasion = {.kind = OCCASION_STATUS, .before = STATUS_OK};
    static char summary[] = "the current certificate ends on 2027-06-09, in 200 days; due now: deliver";
    static char unblock[] = "the delivery command failed on: ex03.contoso.test; see authcert history for what it said, "
                            "repair the cause, and run authcert deliver.";
    static char detail[] = "ex60.contoso.test refused";
    char name[64];
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, SAMPLE_NOW + 200 * SAMPLE_DAY);
    sample.facts.probed = true;
    sample.facts.server_count = 0;
    sample_server(&sample, "ex01.contoso.test", PRESENCE_PRESENT, PRESENCE_UNKNOWN);
    sample_server(&sample, "ex02.contoso.test", PRESENCE_UNREACHABLE, PRESENCE_UNKNOWN);
    for (int i = 3; i <= 28; i++) {
        (void)snprintf(name, sizeof name, "ex%02d.contoso.test", i);
        sample_server(&sample, name, PRESENCE_MISSING, PRESENCE_UNKNOWN);
    }
    sample_server(&sample, "$(reboot).contoso.test", PRESENCE_MISSING, PRESENCE_UNKNOWN);
    sample.servers[28].counted = false;
    sample_decide(&sample, ROW_DELIVER, ACT_DELIVER, BLOCK_DELIVERY, STATUS_WARNING);
    sample.policy.mode = MODE_RENEW;
    sample.policy.method = DELIVERY_BY_COMMAND;
    sample.facts.slot[SLOT_CURRENT].key_kept = true;
    sample.report.briefing.wrong = summary;
    sample.report.how_to_unblock = unblock;
    sample.done[0] = (struct done){.act = ACT_DELIVER, .ok = false, .detail = detail};
    memcpy(sample.done[0].thumbprint, SAMPLE_CURRENT, THUMBPRINT_SIZE);
    sample.report.done = sample.done;
    sample.report.done_count = 1;
    remarks_add(&sample.report.reasons, "test", "Some servers lack a certificate that the organization uses.");
    remarks_add(&sample.facts.remarks, "test", "A server's name is no host name: $(reboot).contoso.test");
    golden_assert_page(&sample, &occasion, "servers_missing");
    sample_free(&sample);
}

static void unknown_certificate(void **unused) {
    struct occasion occasion = {.kind = OCCASION_STATUS, .before = STATUS_WARNING};
    static char summary[] = "the current certificate " SAMPLE_CURRENT " is unknown";
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, 0);
    sample_decide(&sample, ROW_UNKNOWN_CERTIFICATE, ACT_NONE, BLOCK_NONE, STATUS_UNKNOWN);
    sample.report.briefing.wrong = summary;
    sample.facts.servers_read = ANSWER_UNKNOWN;
    sample.facts.hybrid = ANSWER_UNKNOWN;
    golden_assert(&sample, &occasion, "unknown_certificate");
    sample_free(&sample);
}

/* Read, but current's bytes are known no more: an earlier run saw them. */
static void last_known_end(void **unused) {
    struct occasion occasion = {.kind = OCCASION_EXPIRY,
                                .threshold_days = 14,
                                .known_end = SAMPLE_NOW + 13 * SAMPLE_DAY,
                                .known_thumbprint = SAMPLE_CURRENT};
    static char summary[] = "the current certificate " SAMPLE_CURRENT " is unknown";
    struct sample sample;
    char *text;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, 0);
    sample_decide(&sample, ROW_UNKNOWN_CERTIFICATE, ACT_NONE, BLOCK_NONE, STATUS_UNKNOWN);
    sample.report.briefing.wrong = summary;
    text = golden_words(&sample, &occasion);
    assert_ptr_equal(strstr(text,
                            "Subject: UNKNOWN authcert Contoso: auth certificate ends in 13 days (2026-12-04, last "
                            "known)\n"),
                     text);
    assert_non_null(strstr(text, "NotAfter 2026-12-04 02:00 UTC, last known: ends in 13 days"));
    assert_non_null(strstr(text, "By what was last known the certificate ends on 2026-12-04 02:00 UTC."));
    free(text);
    occasion.known_end = SAMPLE_NOW - SAMPLE_DAY;
    text = golden_words(&sample, &occasion);
    assert_non_null(strstr(text, "auth certificate ended 1 day ago (2026-11-20, last known)\n"));
    assert_non_null(strstr(text, "By what was last known the certificate ended on 2026-11-20 02:00 UTC."));
    free(text);
    sample_free(&sample);
}

/* Blind beyond the end. */
static void blind_and_expired(void **unused) {
    struct occasion occasion = {.kind = OCCASION_EXPIRY,
                                .known_end = SAMPLE_NOW - 2 * SAMPLE_DAY,
                                .known_thumbprint = SAMPLE_CURRENT,
                                .blind_since = SAMPLE_NOW - SAMPLE_DAY};
    struct sample sample;
    char *text;

    (void)unused;
    sample_make(&sample);
    make_blind(&sample);
    text = golden_words(&sample, &occasion);
    assert_ptr_equal(strstr(text, "Subject: UNKNOWN authcert: the directory cannot be read since 2026-11-20; auth "
                                  "certificate ended 2 days ago (2026-11-19, last known)\n"),
                     text);
    assert_non_null(strstr(text, "Last known    current, thumbprint " SAMPLE_CURRENT));
    assert_non_null(strstr(text, "By what was last known the certificate ended on 2026-11-19 02:00 UTC."));
    free(text);
    sample_free(&sample);
}

static void malformed(void **unused) {
    struct occasion occasion = {.kind = OCCASION_STATUS, .before = STATUS_OK};
    static char summary[] = "the auth configuration is malformed; the current certificate ends on 2026-12-12";
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_decide(&sample, ROW_MALFORMED, ACT_NONE, BLOCK_NONE, STATUS_CRITICAL);
    sample.facts.slots.malformed = MALFORMED_TWO_VALUES;
    sample.report.briefing.wrong = summary;
    remarks_add(&sample.report.reasons, "test", "Two values claim the same slot; Exchange fails on such an object.");
    golden_assert(&sample, &occasion, "malformed");
    sample_free(&sample);
}

static void restore(void **unused) {
    struct occasion occasion = {.kind = OCCASION_STATUS, .before = STATUS_OK, .escalate = true};
    static char summary[] = "the current certificate ended on 2026-11-20; due now: restore, held back by mode";
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, SAMPLE_NOW - SAMPLE_DAY / 2);
    sample_slot(&sample, SLOT_PREVIOUS, SAMPLE_NOW + 10 * SAMPLE_DAY);
    sample_decide(&sample, ROW_RESTORE, ACT_ACTIVATE, BLOCK_MODE, STATUS_CRITICAL);
    sample.report.decision.promoted = SLOT_PREVIOUS;
    sample.report.briefing.wrong = summary;
    golden_assert_page(&sample, &occasion, "restore");
    sample_free(&sample);
}

static void retire_and_covered(void **unused) {
    struct occasion occasion = {.kind = OCCASION_RECOVERED, .before = STATUS_WARNING};
    static char summary[] = "the current certificate ends on 2026-12-12, in 21 days; the next one takes over on "
                            "2026-12-05";
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_NEXT, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    sample_slot(&sample, SLOT_PREVIOUS, SAMPLE_NOW - 90 * SAMPLE_DAY);
    sample.facts.slots.date_set = sample.facts.slots.date_readable = true;
    sample.facts.slots.date = SAMPLE_NOW + 14 * SAMPLE_DAY;
    sample.facts.hybrid = ANSWER_YES;
    sample_decide(&sample, ROW_RETIRE, ACT_RETIRE, BLOCK_MODE, STATUS_OK);
    sample.report.decision.covered = true;
    sample.report.briefing.wrong = summary;
    sample_due(&sample, DUE_RETIRE, SAMPLE_NOW);
    sample_due(&sample, DUE_ACTIVATE, SAMPLE_NOW + 14 * SAMPLE_DAY);
    sample_due(&sample, DUE_EXPIRE, SAMPLE_NOW + 21 * SAMPLE_DAY);
    golden_assert(&sample, &occasion, "recovered_covered");
    sample_free(&sample);
}

static void recovered(void **unused) {
    struct occasion occasion = {
        .kind = OCCASION_RECOVERED, .before = STATUS_OK, .blind_since = SAMPLE_NOW - 2 * SAMPLE_DAY};
    static char summary[] = "the current certificate ends on 2031-11-21, in 1826 days";
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    sample_slot(&sample, SLOT_CURRENT, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    sample_decide(&sample, ROW_NONE, ACT_NONE, BLOCK_NONE, STATUS_OK);
    sample.report.briefing.wrong = summary;
    sample_due(&sample, DUE_STAGE, SAMPLE_NOW + 1736 * SAMPLE_DAY);
    golden_assert(&sample, &occasion, "recovered");
    sample_free(&sample);
}

static void blind(void **unused) {
    struct occasion occasion = {.kind = OCCASION_BLIND,
                                .known_end = SAMPLE_NOW + 13 * SAMPLE_DAY,
                                .known_thumbprint = SAMPLE_CURRENT,
                                .known_organization = "Contoso",
                                .blind_since = SAMPLE_NOW - SAMPLE_DAY};
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    make_blind(&sample);
    golden_assert(&sample, &occasion, "blind");
    sample_free(&sample);
}

static void blind_from_the_start(void **unused) {
    struct occasion occasion = {.kind = OCCASION_BLIND, .blind_since = SAMPLE_NOW - SAMPLE_DAY};
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    make_blind(&sample);
    golden_assert(&sample, &occasion, "blind_never_seen");
    sample_free(&sample);
}

static void test_message(void **unused) {
    struct occasion occasion = {.kind = OCCASION_TEST};
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    make_blind(&sample);
    (void)error_set(&sample.facts.unreadable, ERROR_NONE, "this is a test; the directory was not asked");
    sample.facts.directory.uri = NULL;
    golden_assert(&sample, &occasion, "test");
    sample_free(&sample);
}

/* Every row, whatever the rest of the facts, gives a text that ends and names a command to run. */
static void every_row_has_words(void **unused) {
    struct occasion occasion = {.kind = OCCASION_STATUS, .before = STATUS_OK};

    (void)unused;
    for (int row = 0; row < ROW_COUNT; row++) {
        for (int status = STATUS_OK; status <= STATUS_UNKNOWN; status++) {
            for (int read = 0; read < 2; read++) {
                struct sample sample;
                char *text;

                sample_make(&sample);
                if (read == 0)
                    make_blind(&sample);
                sample_decide(&sample, (enum row)row, ACT_NONE, BLOCK_RIGHTS, (enum status)status);
                text = golden_words(&sample, &occasion);
                /* When all is well there is nothing to type and nothing to silence. */
                if (status != STATUS_OK || read == 0) {
                    assert_non_null(strstr(text, "authcert -c /etc/authcert/contoso.conf "));
                    assert_non_null(strstr(text, "\nTo silence"));
                }
                free(text);
                sample_free(&sample);
            }
        }
    }
}

/* Nothing that a directory holds begins a line of the text, nor reaches a command. */
static void hostile_strings(void **unused) {
    struct occasion occasion = {.kind = OCCASION_STATUS, .before = STATUS_OK};
    static char organization[] = "Evil\r\nBcc: all@contoso.test\x1b[2J\xff <b>org</b>";
    static char summary[] = "line\r\n\r\nauthcert -c x run\n.\nend";
    struct sample sample;
    char *text;

    (void)unused;
    sample_make(&sample);
    sample.facts.organization = organization;
    sample.report.briefing.wrong = summary;
    remarks_add(&sample.report.reasons, "test", "reason\nauthcert -c x import y");
    remarks_add(&sample.facts.remarks, "test", "remark\r.\r\n");
    sample_server(&sample, "ex9;reboot", PRESENCE_MISSING, PRESENCE_MISSING);
    sample_server(&sample, "-ex9.contoso.test", PRESENCE_MISSING, PRESENCE_MISSING);
    sample.report.decision.row = ROW_DELIVER;
    sample.facts.probed = true;
    text = golden_words(&sample, &occasion);
    assert_null(strchr(text, '\r'));
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\xff'));
    assert_null(strstr(text, "\nBcc"));
    assert_null(strstr(text, "\nauthcert -c x"));
    assert_null(strstr(text, "ex9"));
    assert_null(strstr(text, "\n.\n"));
    assert_non_null(strstr(text, "Evil\\x0d\\x0aBcc"));
    free(text);
    sample_free(&sample);
}

/* A path that a shell would take apart does not stand in a command. */
static void odd_path(void **unused) {
    struct occasion occasion = {.kind = OCCASION_EXPIRY};
    struct speaker speaker = sample_speaker;
    struct layout layout = {0};
    struct text text = {0};
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    speaker.config = "/tmp/a b;reboot";
    wording_body(&speaker, &sample.report, &occasion, &layout);
    plain_add(&text, &layout);
    layout_free(&layout);
    assert_non_null(strstr(text.value, "authcert -c CONFIG check"));
    assert_null(strstr(text.value, "-c /tmp/a b"));
    text_free(&text);
    sample_free(&sample);
}

/* How to find what else this run said, where systemd started it. */
static void its_journal(void **unused) {
    struct occasion occasion = {.kind = OCCASION_EXPIRY};
    struct speaker speaker = sample_speaker;
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    for (int i = 0; i < 2; i++) {
        struct layout layout = {0};
        struct text text = {0};

        wording_body(&speaker, &sample.report, &occasion, &layout);
        plain_add(&text, &layout);
        layout_free(&layout);
        assert_int_equal(i, strstr(text.value, "_SYSTEMD_INVOCATION_ID=0123456789abcdef0123456789abcdef\n") != NULL);
        text_free(&text);
        speaker.invocation = "0123456789abcdef0123456789abcdef";
    }
    sample_free(&sample);
}

static void assert_left(time_t end, const char *expected) {
    char left[CALENDAR_LEFT_SIZE];

    assert_string_equal(calendar_left(left, SAMPLE_NOW + end, SAMPLE_NOW), expected);
}

static void days_left(void **unused) {
    (void)unused;
    assert_left(21 * SAMPLE_DAY, "ends in 21 days");
    assert_left(2 * SAMPLE_DAY - 1, "ends in 1 day");
    assert_left(SAMPLE_DAY, "ends in 1 day");
    assert_left(SAMPLE_DAY - 1, "ends in 23 hours");
    assert_left(SECONDS_PER_HOUR, "ends in 1 hour");
    assert_left(SECONDS_PER_HOUR - 1, "ends in 59 minutes");
    assert_left(1, "ends in 1 minute");
    assert_left(0, "ended 1 minute ago");
    assert_left(-1, "ended 1 minute ago");
    assert_left(-SAMPLE_DAY, "ended 1 day ago");
    assert_left(-40 * SAMPLE_DAY, "ended 40 days ago");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expiry),
        cmocka_unit_test(expired),
        cmocka_unit_test(servers_missing),
        cmocka_unit_test(unknown_certificate),
        cmocka_unit_test(last_known_end),
        cmocka_unit_test(malformed),
        cmocka_unit_test(restore),
        cmocka_unit_test(retire_and_covered),
        cmocka_unit_test(recovered),
        cmocka_unit_test(blind),
        cmocka_unit_test(blind_from_the_start),
        cmocka_unit_test(blind_and_expired),
        cmocka_unit_test(test_message),
        cmocka_unit_test(every_row_has_words),
        cmocka_unit_test(hostile_strings),
        cmocka_unit_test(odd_path),
        cmocka_unit_test(its_journal),
        cmocka_unit_test(days_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
