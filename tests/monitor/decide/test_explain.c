#include "monitor/decide/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/decide/unblock.h"
#include "tests/monitor/scene.h"

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B40 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define C40 "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
#define MAY .hybrid = ANSWER_NO, .may_write = ANSWER_YES
#define STAGED(ends_in, date_in) .next = ENDS(ends_in), .dated = true, .date = (date_in)

/* What the report of one scene says: the briefing, the reasons and how to unblock, a line each. */
static char *words_of(const struct scene *scene, enum mode mode, const struct history *history) {
    struct text text = {0};
    struct policy policy;
    struct stage stage;
    struct facts facts;
    struct report report;

    policy_default(&policy);
    policy.mode = mode;
    scene_build(scene, &stage, &facts);
    assert_true(explain_report(&facts, history, &policy, NOW, &report, NULL));
    text_format(&text, "= %s\n~ %s\n", report.briefing.wrong, report.briefing.by_itself);
    if (report.briefing.command != NULL)
        text_format(&text, "$ %s\n", report.briefing.command);
    for (size_t i = 0; i < report.reasons.count; i++)
        text_format(&text, "- %s\n", report.reasons.items[i].text);
    assert_int_equal(report.how_to_unblock != NULL, report.decision.blocked != BLOCK_NONE);
    if (report.how_to_unblock != NULL)
        text_format(&text, "> %s\n", report.how_to_unblock);
    report_free(&report);
    return text_take(&text);
}

static const struct {
    const char *name;
    struct scene scene;
    enum mode mode;
    const char *words;
} table[] = {
    {"all is well",
     {.current = ENDS(YEAR), MAY},
     MODE_MONITOR,
     "= all is well: the auth certificate ends on 2027-11-21, in 365 days\n"
     "~ on 2027-08-23 02:00 UTC authcert warns\n"
     "- The current certificate " A40 " ends on 2027-11-21, in 365 days.\n"
     "- No next certificate is set.\n"},
    {"unreadable",
     {.unreadable = true},
     MODE_MONITOR,
     "= the directory could not be read: nothing answered\n"
     "~ every run tries again\n"
     "$ authcert doctor\n"
     "- nothing answered\n"},
    {"stage",
     {.current = ENDS(60 * DAY), MAY},
     MODE_MONITOR,
     "= nobody has prepared the successor of the auth certificate, which ends on 2027-01-20, in 60 days\n"
     "~ nothing: with mode = monitor authcert only watches and tells\n"
     "$ authcert renew\n"
     "- The current certificate " A40 " ends on 2027-01-20, in 60 days.\n"
     "- No next certificate is set.\n"
     "- The date to set is 2026-12-21T02:00:00Z.\n"
     "- Current is near its end and nothing is staged to follow it.\n"
     "> mode = monitor in [policy]: authcert only watches. Set mode = renew in [policy], or by hand in Exchange's "
     "management shell: make a new auth certificate "
     "(New-ExchangeCertificate with the subject CN=Microsoft Exchange Server Auth Certificate, without services; "
     "servers ahead of UTC take it only as many hours later as they are ahead) and "
     "stage it with Set-AuthConfig -NewCertificateThumbprint <its thumbprint> -NewCertificateEffectiveDate "
     "2026-12-21T02:00:00Z.\n"},
    {"stage in the last hours: at once, and Exchange asks to confirm",
     {.current = ENDS(13 * HOUR), MAY},
     MODE_MONITOR,
     "= nobody has prepared the successor of the auth certificate, which ends on 2026-11-21, in 13 hours\n"
     "~ nothing: with mode = monitor authcert only watches and tells\n"
     "$ authcert renew\n"
     "- The current certificate " A40 " ends on 2026-11-21, in 13 hours.\n"
     "- No next certificate is set.\n"
     "- The date to set is 2026-11-21T02:00:00Z.\n"
     "- Current is near its end and nothing is staged to follow it.\n"
     "> mode = monitor in [policy]: authcert only watches. Set mode = renew in [policy], or by hand in Exchange's "
     "management shell: make a new auth certificate "
     "(New-ExchangeCertificate with the subject CN=Microsoft Exchange Server Auth Certificate, without services; "
     "servers ahead of UTC take it only as many hours later as they are ahead) and "
     "stage it with Set-AuthConfig -NewCertificateThumbprint <its thumbprint> -NewCertificateEffectiveDate (Get-Date) "
     "-Force.\n"},
    {"covered",
     {.current = ENDS(60 * DAY), STAGED(5 * YEAR, 20 * DAY), MAY},
     MODE_MONITOR,
     "= all is well: the auth certificate ends on 2027-01-20, in 60 days, and the next one takes over on 2026-12-11\n"
     "~ on 2026-12-11 02:00 UTC Exchange makes the next certificate current\n"
     "- The current certificate " A40 " ends on 2027-01-20, in 60 days.\n"
     "- The next certificate " C40 " ends on 2031-11-20, in 1825 days.\n"
     "- Next becomes current at 2026-12-11T02:00:00Z.\n"},
    {"reschedule",
     {.current = ENDS(40 * DAY), STAGED(5 * YEAR, 40 * DAY), MAY},
     MODE_MONITOR,
     "= the date on which the next auth certificate takes over does not fit; the present one ends on 2026-12-31, in 40 "
     "days\n"
     "~ nothing: with mode = monitor authcert only watches and tells\n"
     "$ authcert renew --again\n"
     "- The current certificate " A40 " ends on 2026-12-31, in 40 days.\n"
     "- The next certificate " C40 " ends on 2031-11-20, in 1825 days.\n"
     "- Next becomes current at 2026-12-31T02:00:00Z.\n"
     "- The date to set is 2026-12-21T02:00:00Z.\n"
     "- The next certificate's date does not fit: current may end first, or no server has next yet.\n"
     "> mode = monitor in [policy]: authcert only watches. Set mode = renew in [policy], or by hand in Exchange's "
     "management shell: give the next certificate a "
     "better date with Set-AuthConfig -NewCertificateThumbprint " C40 " -NewCertificateEffectiveDate "
     "2026-12-21T02:00:00Z.\n"},
    {"promote",
     {.current = ENDS(-1), STAGED(5 * YEAR, 20 * DAY), MAY},
     MODE_MONITOR,
     "= the auth certificate ended on 2026-11-21, 1 minute ago; the next one can take its place at once\n"
     "~ nothing: with mode = monitor authcert only watches and tells\n"
     "$ authcert recover\n"
     "- The current certificate " A40 " ended on 2026-11-21.\n"
     "- The next certificate " C40 " ends on 2031-11-20, in 1825 days.\n"
     "- Next becomes current at 2026-12-11T02:00:00Z.\n"
     "- Current cannot be used and next can: next has to become current at once.\n"
     "> mode = monitor in [policy]: authcert only watches. Set mode = renew in [policy], or by hand in Exchange's "
     "management shell: make the next "
     "certificate " C40
     " current with Set-AuthConfig -PublishCertificate. In an emergency, in either mode: authcert recover.\n"},
    {"restore",
     {.current = {.set = true, .ends = YEAR, .bits = 1024}, .previous = ENDS(DAY), MAY},
     MODE_MONITOR,
     "= the auth certificate has a key that Exchange cannot use (RSA 1024); the previous one can take its place\n"
     "~ nothing: with mode = monitor authcert only watches and tells\n"
     "$ authcert recover\n"
     "- The current certificate " A40 " has a key that Exchange cannot use (RSA 1024).\n"
     "- The previous certificate " B40 " ends on 2026-11-22, in 1 day.\n"
     "- No next certificate is set.\n"
     "- Current cannot be used, but previous still can: it has to become current again.\n"
     "> mode = monitor in [policy]: authcert only watches. Set mode = renew in [policy], or by hand in Exchange's "
     "management shell: make the previous "
     "certificate current again with Set-AuthConfig -NewCertificateThumbprint " B40 " -NewCertificateEffectiveDate "
     "(Get-Date) -Force, then Set-AuthConfig -PublishCertificate. In an emergency, in either mode: authcert "
     "recover.\n"},
    {"deliver, and what else is due",
     {.current = ENDS(YEAR),
      .previous = ENDS(-DAY),
      .changed = 8 * DAY,
      .servers = {{.site = "A", .current = PRESENCE_MISSING}, {.site = "A"}},
      MAY},
     MODE_MONITOR,
     "= the current auth certificate is missing on ex.contoso.test; the present one ends on 2027-11-21, in 365 days\n"
     "~ nothing: with mode = monitor authcert only watches and tells\n"
     "$ authcert deliver\n"
     "- The current certificate " A40 " ends on 2027-11-21, in 365 days.\n"
     "- The previous certificate " B40 " ended on 2026-11-20.\n"
     "- No next certificate is set.\n"
     "- Some servers lack a certificate that the organization uses.\n"
     "- Due as well: retire.\n"
     "- The current certificate is missing on ex.contoso.test: these servers cannot sign tokens with it, and what "
     "OAuth "
     "does through them fails. Bring it there: authcert deliver.\n"
     "> mode = monitor in [policy]: authcert only watches. Set mode = renew in [policy], or by hand in Exchange's "
     "management shell: export the certificate with "
     "its key from a server that has it and import it on those that lack it (Export-ExchangeCertificate, "
     "Import-ExchangeCertificate).\n"},
    {"malformed",
     {.current = ENDS(YEAR), .malformed = MALFORMED_PREFIX | MALFORMED_TWO_VALUES, MAY},
     MODE_RENEW,
     "= the auth configuration is malformed, so Exchange fails on it now; its current certificate ends on 2027-11-21, "
     "in 365 "
     "days\n"
     "~ nothing: authcert does not repair this alone, because something could be lost\n"
     "$ authcert recover\n"
     "- Two values claim the same slot; Exchange fails on such an object.\n"
     "- A value has a prefix other than 0:, 1: or 2:.\n"
     "- The current certificate " A40 " ends on 2027-11-21, in 365 days.\n"
     "- No next certificate is set.\n"},
    {"unknown",
     {.current = {.set = true, .known = IS_UNKNOWN}, MAY},
     MODE_RENEW,
     "= the auth certificate " A40 " is known by its thumbprint only, so nobody sees when it ends\n"
     "~ nothing: authcert does not act on what it does not know\n"
     "$ authcert import FILE\n"
     "- The current certificate " A40 " is known by its thumbprint only; no source has its bytes.\n"
     "- No next certificate is set.\n"
     "- Asked were msExchAuthCertificateData, the certificates kept on this host and those imported. Do sign-ins "
     "fail on all servers since the same hour? Then: authcert recover. Else export the certificate on a server and "
     "take it "
     "in: authcert import FILE.\n"},
    {"a bare current beside another value",
     {.current = ENDS(YEAR), .previous = ENDS(-DAY), .bare = true, .hidden = true, .malformed = MALFORMED_HIDDEN, MAY},
     MODE_RENEW,
     "= the auth configuration is malformed, so Exchange fails on it now; its current certificate ends on 2027-11-21, "
     "in 365 days\n"
     "~ the next run repairs the auth configuration\n"
     "$ authcert recover\n"
     "- A thumbprint stands without its prefix beside other values, or with blanks before or inside the prefix: "
     "Exchange takes it for no slot at all.\n"
     "- The current certificate " A40 " ends on 2027-11-21, in 365 days.\n"
     "- The previous certificate " B40 " ended on 2026-11-20.\n"
     "- No next certificate is set.\n"
     "- Exchange therefore sees no current certificate: it has to be written as 0:" A40 ", for which no key is "
     "needed.\n"},
};

static void test_words(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char *words = words_of(&table[i].scene, table[i].mode, NULL);

        if (strcmp(words, table[i].words) != 0)
            fail_msg("%s:\n%s--- instead of ---\n%s", table[i].name, words, table[i].words);
        free(words);
    }
}

/* Each block names its cause and what ends it. */
static void test_how_to_unblock(void **state) {
    static const struct {
        struct scene scene;
        const char *how;
    } blocks[] = {
        {{.current = ENDS(60 * DAY), .skew = 301, MAY},
         "> set this host's clock right (timedatectl, chronyc tracking); the directory's clock is 301 seconds ahead of "
         "it.\n"},
        {{.current = ENDS(60 * DAY), .skew = -400, MAY},
         "> set this host's clock right (timedatectl, chronyc tracking); the directory's clock is 400 seconds behind "
         "it.\n"},
        {{.current = ENDS(60 * DAY), .no_clock = true, .servers_clocks_off = true, MAY},
         "> set this host's clock right (timedatectl, chronyc tracking); where that is right already, set the clocks "
         "of "
         "the Exchange servers, of which most are more than a day off and the first is named above.\n"},
        {{.current = ENDS(60 * DAY), .hybrid = ANSWER_NO, .may_write = ANSWER_NO},
         "> grant the account Write Property on msExchAuthCertificateThumbprint and msExchAuthNextEffectiveDate of "
         "the Auth Configuration object.\n"},
        {{.current = ENDS(60 * DAY), .writer_down = true, MAY},
         "> the domain controller that all agents write to did not answer: bring it back, move its role to another "
         "(Move-ADDirectoryServerOperationMasterRole DC -OperationMasterRole DomainNamingMaster), or name another as "
         "writer in [directory].\n"},
        {{.current = ENDS(60 * DAY), .probed = true, .servers = {{.site = "A", .reached = ANSWER_NO}}, MAY},
         "> no server of a site answered, so what its servers have is not known: A (ex.contoso.test). See why with "
         "authcert doctor and bring one of each site back, or name servers that are gone for good in ignore of "
         "[servers].\n"},
        {{.current = ENDS(60 * DAY), .hybrid = ANSWER_YES, .may_write = ANSWER_YES},
         "> this is a hybrid organization: before its date the dedicated hybrid application in Entra must have the new "
         "certificate (ConfigureExchangeHybridApplication.ps1 -UpdateCertificate, from Microsoft's CSS-Exchange). When "
         "someone will see to that, authcert renew does it this once, and hybrid = proceed in [policy] has authcert do "
         "it "
         "for ever. What is left over from a hybrid of the past, and "
         "named here, can be removed instead.\n"},
        {{.current = ENDS(60 * DAY), .hybrid = ANSWER_UNKNOWN, .may_write = ANSWER_YES},
         "> whether the organization is hybrid could not be seen: let the account read the organization's subtree, or "
         "set hybrid = proceed in [policy] if it is not.\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        char *words = words_of(&blocks[i].scene, MODE_RENEW, NULL);
        const char *how = strstr(words, "> ");

        assert_non_null(how);
        assert_string_equal(how, blocks[i].how);
        free(words);
    }
}

#define D40 "DDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
#define BY_HAND(thumbprint, servers)                                                                                   \
    "the servers do not have the certificate yet: write a PFX with authcert export " thumbprint                        \
    " FILE.pfx, import it (Import-PfxCertificate into LocalMachine\\My, exportable, into a CSP and not CNG, NETWORK "  \
    "SERVICE allowed to read the key) on: " servers "; then authcert deliver --confirm " thumbprint "."

/* The text for a delivery that blocks `act`. */
static char *delivery_words(const struct scene *scene, enum act act, bool by_command) {
    struct policy policy;
    struct stage stage;
    struct facts facts;
    struct report report;
    char *how;

    policy_default(&policy);
    policy.method = by_command ? DELIVERY_BY_COMMAND : DELIVERY_BY_HAND;
    scene_build(scene, &stage, &facts);
    for (size_t i = 0; i < facts.server_count; i++)
        facts.servers[i].fqdn = (char *)(i == 0 ? "ex1.contoso.test" : i == 1 ? "ex2.contoso.test" : "$(evil)");
    report = (struct report){
        .checked_at = NOW, .facts = &facts, .policy = &policy, .decision = {.act = act, .blocked = BLOCK_DELIVERY}};
    how = unblock_text(&report);
    assert_non_null(how);
    return how;
}

static void test_how_to_deliver(void **state) {
    const struct scene made = {
        .current = ENDS(60 * DAY),
        .candidate = D40,
        .servers = {{.site = "A"}, {.site = "B"}, {.site = "C"}, {.site = "D", .not_counted = true}}};
    const struct scene lacking = {.current = {.set = true, .ends = YEAR, .key_kept = true},
                                  .servers = {{.site = "A"}, {.site = "B", .current = PRESENCE_MISSING}}};
    const struct scene not_ours = {.current = ENDS(YEAR), .servers = {{.site = "A", .current = PRESENCE_MISSING}}};
    const struct {
        const struct scene *scene;
        enum act act;
        bool by_command;
        const char *how;
    } ways[] = {
        {&made, ACT_STAGE, false, BY_HAND(D40, "ex1.contoso.test, ex2.contoso.test")},
        {&made, ACT_REPLACE, false, BY_HAND(D40, "ex1.contoso.test, ex2.contoso.test")},
        {&made, ACT_STAGE, true,
         "the delivery command failed on: ex1.contoso.test, ex2.contoso.test; see authcert history for what it said, "
         "repair the cause, and run authcert run."},
        {&lacking, ACT_DELIVER, false, BY_HAND(A40, "ex2.contoso.test")},
        {&lacking, ACT_DELIVER, true,
         "the delivery command failed on: ex2.contoso.test; see authcert history for what it said, repair the cause, "
         "and "
         "run authcert deliver."},
        {&not_ours, ACT_DELIVER, true,
         "the servers do not have the certificate yet, and its private key is not kept on this host: export the "
         "certificate with its key from a server that has it and import it on those that lack it "
         "(Export-ExchangeCertificate, Import-ExchangeCertificate)."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        char *how = delivery_words(ways[i].scene, ways[i].act, ways[i].by_command);

        assert_string_equal(how, ways[i].how);
        free(how);
    }
}

static void test_history_in_words(void **state) {
    const struct history history = {.act_failed = true, .last_run = NOW + 1};
    char *words = words_of(&(struct scene){.current = ENDS(60 * DAY), MAY}, MODE_RENEW, &history);

    (void)state;
    assert_non_null(strstr(words, "- The last act that was tried failed.\n"));
    assert_non_null(strstr(words, "- This host's clock cannot be trusted:"));
    free(words);
}

/* Both sides of the second in which it ends. */
static void test_the_second_of_the_end(void **state) {
    char *before = words_of(&(struct scene){.current = ENDS(1), MAY}, MODE_RENEW, NULL);
    char *after = words_of(&(struct scene){.current = ENDS(0), MAY}, MODE_RENEW, NULL);

    (void)state;
    assert_non_null(
        strstr(before, "= the auth certificate ends on 2026-11-21, in 1 minute, and may have ended already"));
    assert_non_null(strstr(after, "= the auth certificate ended on 2026-11-21, 1 minute ago, and"));
    free(before);
    free(after);
}

#define EVIL "evil'; Remove-Item \"$(evil)\" `evil` | evil\n<b>evil</b> \x1b]0;evil"

/* Facts whose every string from outside is a try to get into a command. */
static void make_evil(struct facts *facts, struct stage *stage) {
    static char evil[] = EVIL;

    facts->organization = facts->realm = facts->service_name = facts->changed_by = evil;
    facts->directory.uri = facts->directory.server = facts->directory.dn = evil;
    for (size_t i = 0; i < facts->server_count; i++)
        facts->servers[i].fqdn = facts->servers[i].version = evil;
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        struct certificate *certificate = &stage->certificates[slot];

        certificate->subject = certificate->issuer = certificate->serial = evil;
        snprintf(certificate->signature, sizeof(certificate->signature), "%s", evil);
        facts->slot[slot].certificate = certificate;
    }
}

static void assert_tame(const char *what, const char *words) {
    if (strstr(words, "evil") != NULL || strpbrk(words, "`$|\"\n\x1b") != NULL)
        fail_msg("%s: %s", what, words);
}

/* Every act under every block, whatever the directory's strings are. */
static void test_hostile_strings_stay_out_of_commands(void **state) {
    const struct scene scene = {.current = ENDS(60 * DAY),
                                .previous = ENDS(DAY),
                                STAGED(5 * YEAR, 20 * DAY),
                                .servers = {{.site = EVIL, .current = PRESENCE_MISSING}, {.site = EVIL}},
                                MAY};
    struct policy policy;
    struct stage stage;
    struct facts facts;
    struct report report;

    (void)state;
    policy_default(&policy);
    scene_build(&scene, &stage, &facts);
    make_evil(&facts, &stage);
    assert_true(explain_report(&facts, NULL, &policy, NOW, &report, NULL));
    assert_tame("summary", report.briefing.wrong);
    for (size_t i = 0; i < report.reasons.count; i++)
        assert_tame("reason", report.reasons.items[i].text);
    report_free(&report);
    facts.slot[SLOT_CURRENT].key_kept = true;
    snprintf(facts.candidate.thumbprint, THUMBPRINT_SIZE, "%s", D40);
    for (int act = ACT_NONE; act <= ACT_WITHDRAW; act++)
        for (int block = BLOCK_NONE; block <= BLOCK_DELIVERY; block++)
            for (int promoted = SLOT_CURRENT; promoted < SLOT_COUNT; promoted++) {
                char *how;

                report = (struct report){.checked_at = NOW,
                                         .facts = &facts,
                                         .policy = &policy,
                                         .decision = {.act = (enum act)act,
                                                      .blocked = (enum block)block,
                                                      .promoted = (enum slot)promoted,
                                                      .date = NOW + DAY}};
                policy.method = act % 2 == 0 ? DELIVERY_BY_COMMAND : DELIVERY_BY_HAND;
                how = unblock_text(&report);
                assert_non_null(how);
                assert_tame(act_name((enum act)act), how);
                if (block != BLOCK_NONE)
                    assert_true(strlen(how) > 20);
                free(how);
            }
}

/* Without a value in the slot a command has nothing to name; none may be made up. */
static void test_words_of_empty_facts(void **state) {
    char *words;

    (void)state;
    words = words_of(&(struct scene){.malformed = MALFORMED_NO_VALUE}, MODE_MONITOR, NULL);
    assert_string_equal(words, "= no auth certificate is set\n"
                               "~ nothing: authcert does not repair this alone, because something could be lost\n"
                               "$ authcert recover\n"
                               "- There is no thumbprint value: it was never set, or was removed.\n"
                               "- No current certificate is set.\n"
                               "- No next certificate is set.\n");
    free(words);
}

/* Every malformation has a sentence of its own. */
static void test_each_malformation_has_its_sentence(void **state) {
    struct strings seen = {0};

    (void)state;
    for (int bit = 0; bit < 9; bit++) {
        char *words = words_of(&(struct scene){.current = ENDS(YEAR), .malformed = 1u << bit, MAY}, MODE_RENEW, NULL);
        char *sentence = strstr(words, "\n- ");
        char *end = strchr(sentence + 1, '\n');

        *end = '\0';
        assert_null(strstr(sentence, A40));
        assert_false(strings_contain(&seen, sentence));
        strings_add(&seen, "%s", sentence);
        free(words);
    }
    assert_int_equal(seen.count, 9);
    strings_free(&seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_how_to_unblock),
        cmocka_unit_test(test_how_to_deliver),
        cmocka_unit_test(test_history_in_words),
        cmocka_unit_test(test_the_second_of_the_end),
        cmocka_unit_test(test_hostile_strings_stay_out_of_commands),
        cmocka_unit_test(test_words_of_empty_facts),
        cmocka_unit_test(test_each_malformation_has_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
