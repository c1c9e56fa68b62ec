/*
 * What messages say of acts: done, failed and held back, in mode renew by authcert itself and what it leaves to people.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/mail/message.h"
#include "tests/notify/golden.h"

static const struct occasion done = {.kind = OCCASION_DONE};
static const struct occasion failed = {.kind = OCCASION_FAILED};
static const struct occasion blocked = {.kind = OCCASION_BLOCKED};

/* Mode renew, with a delivery command unless `by_hand`. */
static void make_renewing(struct sample *sample, bool by_hand) {
    sample_make(sample);
    sample->policy.mode = MODE_RENEW;
    sample->policy.method = !by_hand ? DELIVERY_BY_COMMAND : DELIVERY_BY_HAND;
    sample->report.how_to_unblock = NULL;
    sample_decide(sample, ROW_NONE, ACT_NONE, BLOCK_NONE, STATUS_OK);
}

static void make_candidate(struct sample *sample, enum delivery delivery) {
    memcpy(sample->facts.candidate.thumbprint, SAMPLE_CANDIDATE, THUMBPRINT_SIZE);
    sample->facts.candidate.delivery = delivery;
}

static void assert_subject(const struct sample *sample, const struct occasion *occasion, const char *subject) {
    char *text = golden_words(sample, occasion);
    char *end = strchr(text, '\n');

    assert_non_null(end);
    *end = '\0';
    assert_string_equal(text + strlen("Subject: "), subject);
    free(text);
}

static void assert_says(const struct sample *sample, const struct occasion *occasion, const char *words, bool says) {
    char *text = golden_words(sample, occasion);

    if ((strstr(text, words) != NULL) != says)
        fail_msg("%s \"%s\" in:\n%s", says ? "no" : "there is", words, text);
    free(text);
}

static void make_staged(struct sample *sample) {
    sample_slot(sample, SLOT_NEXT, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    sample->facts.slots.date_set = sample->facts.slots.date_readable = true;
    sample->facts.slots.date = SAMPLE_NOW + 14 * SAMPLE_DAY;
    sample->report.decision.covered = true;
    sample_did(sample, ACT_DELIVER, SAMPLE_NEXT, true, "present on 3 of 3 servers asked for");
    sample_did(sample, ACT_STAGE, SAMPLE_NEXT, true, "written at ldaps://dc1.contoso.test");
    sample_due(sample, DUE_ACTIVATE, SAMPLE_NOW + 14 * SAMPLE_DAY);
    sample_due(sample, DUE_EXPIRE, SAMPLE_NOW + 21 * SAMPLE_DAY);
}

static void staged(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    make_staged(&sample);
    assert_subject(&sample, &done,
                   "DONE authcert Contoso: new certificate staged, takes over 2026-12-05; auth certificate ends in 21 "
                   "days (2026-12-12)");
    golden_assert(&sample, &done, "done_stage");
    sample.report.decision.status = STATUS_WARNING;
    assert_subject(&sample, &done,
                   "WARNING authcert Contoso: new certificate staged, takes over 2026-12-05; auth certificate ends in "
                   "21 days (2026-12-12)");
    sample_free(&sample);
}

static void make_replaced(struct sample *sample) {
    sample_slot(sample, SLOT_CURRENT, SAMPLE_NOW + 1826 * SAMPLE_DAY);
    sample_did(sample, ACT_REPLACE, SAMPLE_CURRENT, true, "written at ldaps://dc1.contoso.test");
    sample_due(sample, DUE_STAGE, SAMPLE_NOW + 1736 * SAMPLE_DAY);
}

static void replaced(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    make_replaced(&sample);
    sample.facts.hybrid = ANSWER_YES;
    assert_subject(
        &sample, &done,
        "DONE authcert Contoso: new certificate made current; auth certificate ends in 1826 days (2031-11-21)");
    golden_assert(&sample, &done, "done_replace");
    sample_free(&sample);
}

/* `recover` typed in mode monitor leaves the same by hand. */
static void recovered_in_mode_monitor(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, true);
    sample.policy.mode = MODE_MONITOR;
    make_replaced(&sample);
    for (const char *const *words = (const char *const[]){"    Restart-Service MSExchangeServiceHost\n",
                                                          "    Restart-WebAppPool MSExchangeOWAAppPool\n",
                                                          "    Restart-WebAppPool MSExchangeECPAppPool\n",
                                                          "ex1.contoso.test, ex2.contoso.test, ex3.contoso.test\n",
                                                          "12.5 hours", "SharePoint and Skype", NULL};
         *words != NULL; words++)
        assert_says(&sample, &done, *words, true);
    assert_says(&sample, &done, "Entra", false);
    sample.facts.hybrid = ANSWER_UNKNOWN;
    assert_says(&sample, &done, "If the organization is hybrid (unknown): before", true);
    sample_free(&sample);
}

/* Only what made another certificate current has to be felt by Exchange's processes. */
static void when_restarting_helps(void **unused) {
    (void)unused;
    for (int act = ACT_MEND; act <= ACT_WITHDRAW; act++)
        for (int ok = 0; ok < 2; ok++) {
            struct sample sample;

            make_renewing(&sample, false);
            sample_did(&sample, (enum act)act, SAMPLE_CURRENT, ok == 1, "");
            assert_says(&sample, ok == 1 ? &done : &failed, "Restart-Service",
                        ok == 1 && (act == ACT_ACTIVATE || act == ACT_REPLACE));
            sample_free(&sample);
        }
}

#define DONE(what) "DONE authcert Contoso: " what "; auth certificate ends in 21 days (2026-12-12)"

static void other_subjects(void **unused) {
    static const struct {
        enum act act;
        const char *thumbprint;
        const char *subject;
    } table[] = {
        {ACT_ACTIVATE, SAMPLE_CURRENT, DONE("certificate made current")},
        {ACT_RETIRE, SAMPLE_PREVIOUS, DONE("previous certificate cleared")},
        {ACT_MEND, SAMPLE_CURRENT, DONE("auth configuration repaired")},
        {ACT_DELIVER, SAMPLE_CURRENT, DONE("certificate delivered")},
        {ACT_RESCHEDULE, SAMPLE_NEXT, DONE("next certificate given another date")},
        {ACT_WITHDRAW, SAMPLE_NEXT, DONE("next certificate taken out")},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sample sample;

        make_renewing(&sample, false);
        sample_did(&sample, table[i].act, table[i].thumbprint, true, "");
        assert_subject(&sample, &done, table[i].subject);
        sample_free(&sample);
    }
}

/* Several acts in one run stand in one subject, in order. */
static void several_acts(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    sample_did(&sample, ACT_MEND, SAMPLE_CURRENT, true, "");
    sample_did(&sample, ACT_RETIRE, SAMPLE_PREVIOUS, true, "");
    assert_subject(&sample, &done, DONE("auth configuration repaired; previous certificate cleared"));
    sample_did(&sample, ACT_STAGE, "", false, "no");
    sample.report.decision.status = STATUS_WARNING;
    assert_subject(&sample, &failed,
                   "WARNING authcert Contoso: stage failed; auth certificate ends in 21 days (2026-12-12)");
    assert_says(&sample, &failed, "- mend done, thumbprint " SAMPLE_CURRENT "\n", true);
    assert_says(&sample, &failed, "- stage FAILED: no\n", true);
    sample_free(&sample);
}

static void replace_failed(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    sample_slot(&sample, SLOT_CURRENT, SAMPLE_NOW - SAMPLE_DAY);
    make_candidate(&sample, DELIVERY_ENOUGH);
    sample_decide(&sample, ROW_REPLACE, ACT_REPLACE, BLOCK_NONE, STATUS_CRITICAL);
    sample_did(&sample, ACT_DELIVER, SAMPLE_CANDIDATE, false, "present on 2 of 3 servers asked for");
    sample_did(&sample, ACT_REPLACE, SAMPLE_CANDIDATE, false,
               "cannot write to ldaps://dc1.contoso.test: insufficient access; grant the account the right to write");
    sample_due(&sample, DUE_EXPIRE, SAMPLE_NOW - SAMPLE_DAY);
    assert_subject(&sample, &failed,
                   "CRITICAL authcert Contoso: replace failed; auth certificate ended 1 day ago (2026-11-20)");
    golden_assert(&sample, &failed, "failed_replace");
    sample.report.done_count = 1;
    assert_subject(&sample, &failed,
                   "CRITICAL authcert Contoso: deliver failed; auth certificate ended 1 day ago (2026-11-20)");
    sample.report.decision.status = STATUS_OK;
    assert_subject(&sample, &failed,
                   "FAILED authcert Contoso: deliver failed; auth certificate ended 1 day ago (2026-11-20)");
    sample_free(&sample);
}

static void delivery_by_hand(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, true);
    make_candidate(&sample, DELIVERY_WAITING);
    sample.servers[1].candidate = PRESENCE_PRESENT;
    sample_server(&sample, "$(reboot).contoso.test", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample_server(&sample, "old.contoso.test", PRESENCE_UNKNOWN, PRESENCE_UNKNOWN);
    sample.servers[4].counted = false;
    sample_decide(&sample, ROW_STAGE, ACT_STAGE, BLOCK_DELIVERY, STATUS_WARNING);
    sample.report.decision.date = SAMPLE_NOW + 14 * SAMPLE_DAY;
    sample_due(&sample, DUE_STAGE, SAMPLE_NOW - 69 * SAMPLE_DAY);
    sample_due(&sample, DUE_WARN, SAMPLE_NOW + 7 * SAMPLE_DAY);
    sample_due(&sample, DUE_EXPIRE, SAMPLE_NOW + 21 * SAMPLE_DAY);
    assert_subject(&sample, &blocked,
                   "WARNING authcert Contoso: stage waits: the certificate is not yet on the servers; auth certificate "
                   "ends in 21 days (2026-12-12)");
    golden_assert_page(&sample, &blocked, "blocked_manual");
    assert_says(&sample, &blocked, "New-ExchangeCertificate", false);
    assert_says(&sample, &blocked, "reboot", false);
    assert_says(&sample, &blocked, "old.contoso.test", false);
    /* Each way of counting is told. */
    assert_says(&sample, &blocked, "One in each site is enough", true);
    sample.policy.confirm = CONFIRM_ALL;
    assert_says(&sample, &blocked, "all are needed", true);
    sample.policy.confirm = CONFIRM_ANY;
    assert_says(&sample, &blocked, "One is enough", true);
    /* After `recover` in mode monitor the same command goes on. */
    sample.policy.mode = MODE_MONITOR;
    sample_decide(&sample, ROW_REPLACE, ACT_REPLACE, BLOCK_MODE, STATUS_CRITICAL);
    assert_says(&sample, &blocked, "    authcert -c /etc/authcert/contoso.conf recover\n", true);
    assert_says(&sample, &blocked, "    authcert -c /etc/authcert/contoso.conf run\n", false);
    sample_free(&sample);
}

/* Of a slot, to the servers that lack it; without its key here a server that has it must give it. */
static void delivery_of_a_slot_by_hand(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, true);
    sample.servers[2].presence[SLOT_CURRENT] = PRESENCE_MISSING;
    sample_decide(&sample, ROW_DELIVER, ACT_DELIVER, BLOCK_DELIVERY, STATUS_WARNING);
    assert_says(&sample, &blocked, "Export-ExchangeCertificate", true);
    assert_says(&sample, &blocked, " export ", false);
    assert_says(&sample, &blocked, " deliver --confirm " SAMPLE_CURRENT "\n", true);
    sample.facts.slot[SLOT_CURRENT].key_kept = true;
    assert_says(&sample, &blocked, "contoso.conf export " SAMPLE_CURRENT " authcert.pfx\n", true);
    assert_says(&sample, &blocked, "\n    ex3.contoso.test\n", true);
    assert_says(&sample, &blocked, "ex1.contoso.test", false);
    assert_says(&sample, &blocked, " deliver --confirm " SAMPLE_CURRENT "\n", true);
    assert_says(&sample, &blocked, "Export-ExchangeCertificate", false);
    /* A next that is on no server at all is promoted only after it was brought there. */
    make_staged(&sample);
    sample.facts.slot[SLOT_NEXT].key_kept = true;
    for (size_t i = 0; i < sample.facts.server_count; i++)
        sample.servers[i].presence[SLOT_NEXT] = PRESENCE_MISSING;
    sample_decide(&sample, ROW_PROMOTE, ACT_ACTIVATE, BLOCK_DELIVERY, STATUS_CRITICAL);
    sample.report.decision.promoted = SLOT_NEXT;
    assert_says(&sample, &blocked, "contoso.conf export " SAMPLE_NEXT " authcert.pfx\n", true);
    sample_free(&sample);
}

static void delivery_command_failed(void **unused) {
    static char how[] =
        "the delivery command failed on: ex3.contoso.test; see authcert history for what it said, repair "
        "the cause, and run authcert run.";
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    make_candidate(&sample, DELIVERY_FAILED);
    sample_decide(&sample, ROW_STAGE, ACT_STAGE, BLOCK_DELIVERY, STATUS_WARNING);
    sample.report.how_to_unblock = how;
    assert_says(&sample, &blocked, "To unblock: the delivery command failed on: ex3.contoso.test;", true);
    assert_says(&sample, &blocked, "    authcert -c /etc/authcert/contoso.conf history\n", true);
    assert_says(&sample, &blocked, "    authcert -c /etc/authcert/contoso.conf run\n", true);
    assert_says(&sample, &blocked, "Import-PfxCertificate", false);
    sample_free(&sample);
}

static void hybrid(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    sample.facts.hybrid = ANSWER_YES;
    sample_decide(&sample, ROW_STAGE, ACT_STAGE, BLOCK_HYBRID, STATUS_WARNING);
    sample_due(&sample, DUE_STAGE, SAMPLE_NOW - 69 * SAMPLE_DAY);
    assert_subject(&sample, &blocked,
                   "WARNING authcert Contoso: stage waits: hybrid organization, hybrid = proceed is not set; auth "
                   "certificate ends in 21 days (2026-12-12)");
    golden_assert(&sample, &blocked, "blocked_hybrid");
    sample.facts.hybrid = ANSWER_UNKNOWN;
    assert_says(&sample, &blocked, "Whether the organization is hybrid could not be seen.", true);
    assert_says(&sample, &blocked, "\n    hybrid = proceed\n", true);
    sample_free(&sample);
}

/* What waits for hybrid = proceed is not promised as done by itself. */
static void plan_of_a_hybrid(void **unused) {
    struct sample sample;

    (void)unused;
    for (int proceed = 0; proceed < 2; proceed++) {
        make_renewing(&sample, false);
        make_staged(&sample);
        sample_due(&sample, DUE_STAGE, SAMPLE_NOW + 1700 * SAMPLE_DAY);
        sample.facts.hybrid = ANSWER_YES;
        sample.policy.hybrid_proceed = proceed == 1;
        sample.report.decision.status = STATUS_WARNING; /* all well needs no plan beside the briefing */
        assert_says(&sample, &done, "- makes next current from", proceed == 1);
        assert_says(&sample, &done, "makes a key pair", proceed == 1);
        assert_says(&sample, &done, "- leaves it to Exchange to make next current", proceed == 0);
        assert_says(&sample, &done, "that a new certificate is due, and", proceed == 0);
        sample_free(&sample);
    }
}

/* Why a message comes stands in it: the time left, and that it is the all-clear too. */
static void what_brought_it(void **unused) {
    const struct occasion nearer = {.kind = OCCASION_BLOCKED, .threshold_days = 7};
    const struct occasion clear = {.kind = OCCASION_DONE, .recovered = true};
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    make_staged(&sample);
    assert_says(&sample, &clear, "It is the all-clear too", true);
    assert_says(&sample, &done, "It is the all-clear too", false);
    sample_decide(&sample, ROW_STAGE, ACT_STAGE, BLOCK_RIGHTS, STATUS_WARNING);
    assert_says(&sample, &nearer, "the time left fell to 7 days or less", true);
    assert_says(&sample, &blocked, "the time left fell", false);
    sample_free(&sample);
}

static void other_blocks(void **unused) {
    static const struct {
        enum block by;
        const char *waits;
    } table[] = {{BLOCK_CLOCK, "stage waits: the clock cannot be trusted; "},
                 {BLOCK_RIGHTS, "stage waits: the account may not write; "},
                 {BLOCK_UNREACHABLE, "stage waits: the servers of a site do not answer; "},
                 {BLOCK_MODE, "stage waits: mode = monitor in [policy] only watches; "}};
    static char how[] = "do this and that.";
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    sample.report.how_to_unblock = how;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        sample_decide(&sample, ROW_STAGE, ACT_STAGE, table[i].by, STATUS_WARNING);
        assert_says(&sample, &blocked, table[i].waits, true);
        assert_says(&sample, &blocked, "\nTo unblock: do this and that.\n", true);
        assert_says(&sample, &blocked, "    authcert -c /etc/authcert/contoso.conf run\n", true);
    }
    sample_free(&sample);
}

/* What `run` will not mend, and what it will. */
static void malformed(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    sample.facts.slots.malformed = MALFORMED_TWO_VALUES;
    sample_decide(&sample, ROW_MALFORMED, ACT_NONE, BLOCK_NONE, STATUS_CRITICAL);
    assert_says(&sample, &failed, "emergency command", true);
    assert_says(&sample, &failed, "    authcert -c /etc/authcert/contoso.conf recover\n", true);
    sample_decide(&sample, ROW_MALFORMED, ACT_MEND, BLOCK_NONE, STATUS_CRITICAL);
    assert_says(&sample, &failed, "authcert repairs the auth configuration by itself in its next run", true);
    assert_says(&sample, &failed, "recover", false);
    sample_free(&sample);
}

/* Mode monitor shows Exchange's own commands, how to let authcert do it, and the emergency command. */
static void monitor(void **unused) {
    struct sample sample;

    (void)unused;
    sample_make(&sample);
    assert_says(&sample, &blocked, "New-ExchangeCertificate", true);
    assert_says(&sample, &blocked, "mode = renew", true);
    assert_says(&sample, &blocked, "recover", false);
    sample_decide(&sample, ROW_REPLACE, ACT_REPLACE, BLOCK_MODE, STATUS_CRITICAL);
    assert_says(&sample, &blocked, "New-ExchangeCertificate", true);
    assert_says(&sample, &blocked, "mode = renew", true);
    assert_says(&sample, &blocked, "    authcert -c /etc/authcert/contoso.conf recover\n", true);
    sample_slot(&sample, SLOT_NEXT, SAMPLE_NOW + SAMPLE_DAY);
    sample_decide(&sample, ROW_RESTAGE, ACT_WITHDRAW, BLOCK_MODE, STATUS_WARNING);
    assert_says(&sample, &blocked, "2:" SAMPLE_NEXT, true);
    assert_says(&sample, &blocked, "PublishCertificate", false);
    sample_free(&sample);
}

/* A run that acted and then could not read the directory still says what it did. */
static void done_and_then_blind(void **unused) {
    struct sample sample;

    (void)unused;
    make_renewing(&sample, false);
    make_replaced(&sample);
    sample.facts.read = false;
    sample_decide(&sample, ROW_UNREADABLE, ACT_NONE, BLOCK_NONE, STATUS_UNKNOWN);
    assert_says(&sample, &(struct occasion){.kind = OCCASION_BLIND}, "- replace done, thumbprint " SAMPLE_CURRENT,
                true);
    assert_says(&sample, &(struct occasion){.kind = OCCASION_BLIND}, "Restart-Service", true);
    sample_free(&sample);
}

/* Lines of a message, as RFC 5322 wants them: short, CRLF, ASCII; a header block, an empty line, a body. */
static void assert_well_formed(const char *text) {
    const char *end = strstr(text, "\r\n\r\n");

    assert_non_null(end);
    for (const char *line = text; *line != '\0';) {
        const char *next = strstr(line, "\r\n");

        assert_non_null(next);
        assert_true(next - line <= 998);
        if (line < end)
            assert_true(line[0] == ' ' || memchr(line, ':', (size_t)(next - line)) != NULL);
        else
            assert_true(next - line <= 78);
        for (const char *p = line; p < next; p++)
            assert_true((unsigned char)*p >= ' ' && (unsigned char)*p < 0x7f);
        line = next + 2;
    }
}

/* Every kind with every act, block and mode is a message that a relay takes, with one subject. A sixth of them, unless
 * all are asked for. */
static void every_message_is_well_formed(void **unused) {
    const struct mail_settings settings = {.from = "authcert@contoso.test"};
    const char *full = getenv("AUTHCERT_FULL");
    const int each = full != NULL && full[0] != '\0' ? 1 : 6;
    struct strings to = {0};

    (void)unused;
    strings_add(&to, "admins@contoso.test");
    for (int kind = OCCASION_TEST; kind <= OCCASION_RECOVERED; kind++)
        for (int row = 0; row < ROW_COUNT; row++)
            for (int act = ACT_NONE; act <= ACT_WITHDRAW; act++)
                for (int by = BLOCK_NONE; by <= BLOCK_DELIVERY; by++) {
                    struct occasion occasion = {.kind = (enum occasion_kind)kind};
                    struct message message = {0};
                    struct error err = {0};
                    struct sample sample;

                    if ((kind + 3 * row + 5 * act + 7 * by) % each != 0)
                        continue;
                    make_renewing(&sample, (row + act) % 2 == 0);
                    sample.policy.mode = (row + by) % 3 == 0 ? MODE_MONITOR : MODE_RENEW;
                    sample.facts.hybrid = (enum answer)((act + by) % 3);
                    sample.facts.read = row != ROW_UNREADABLE;
                    make_candidate(&sample, DELIVERY_WAITING);
                    sample_did(&sample, (enum act)act, SAMPLE_CANDIDATE, by % 2 == 0, "a\r\n.\r\nb \xc3\xa4");
                    sample_decide(&sample, (enum row)row, (enum act)act, (enum block)by, (enum status)(by % 4));
                    assert_true(
                        message_compose(&settings, &sample_speaker, &to, &sample.report, &occasion, &message, &err));
                    assert_well_formed(message.text);
                    assert_true(strlen(message.subject) > strlen("OK authcert Contoso: "));
                    assert_null(strstr(message.text, "\r\n.\r\n"));
                    message_free(&message);
                    sample_free(&sample);
                }
    strings_free(&to);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(staged),
        cmocka_unit_test(replaced),
        cmocka_unit_test(recovered_in_mode_monitor),
        cmocka_unit_test(when_restarting_helps),
        cmocka_unit_test(other_subjects),
        cmocka_unit_test(several_acts),
        cmocka_unit_test(replace_failed),
        cmocka_unit_test(delivery_by_hand),
        cmocka_unit_test(delivery_of_a_slot_by_hand),
        cmocka_unit_test(delivery_command_failed),
        cmocka_unit_test(hybrid),
        cmocka_unit_test(plan_of_a_hybrid),
        cmocka_unit_test(what_brought_it),
        cmocka_unit_test(other_blocks),
        cmocka_unit_test(malformed),
        cmocka_unit_test(monitor),
        cmocka_unit_test(done_and_then_blind),
        cmocka_unit_test(every_message_is_well_formed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
