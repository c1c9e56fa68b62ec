#include "monitor/decide/servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "tests/monitor/sample.h"

#define HOUR ((time_t)SECONDS_PER_HOUR)

static struct facts facts;

/* Twelve servers that were asked and serve current. */
static int set_up(void **state) {
    (void)state;
    sample_facts(&facts, SAMPLE_NOW, 300);
    for (int i = 3; i <= 12; i++) {
        char name[32];

        snprintf(name, sizeof(name), "ex%d.contoso.test", i);
        sample_server(&facts, name, "Berlin", PRESENCE_PRESENT, PRESENCE_UNKNOWN);
    }
    facts.probed = true;
    for (size_t i = 0; i < facts.server_count; i++) {
        facts.servers[i].reached = ANSWER_YES;
        facts.servers[i].serves[SLOT_CURRENT] = true;
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    facts_free(&facts);
    return 0;
}

/* The sentences, a line each. */
static void assert_words(const struct history *history, const char *words) {
    struct remarks reasons = {0};
    struct text text = {0};

    explain_servers(&facts, history, SAMPLE_NOW, &reasons);
    text_add(&text, "");
    for (size_t i = 0; i < reasons.count; i++)
        text_format(&text, "%s\n", reasons.items[i].text);
    assert_string_equal(text.value != NULL ? text.value : "", words);
    text_free(&text);
    remarks_free(&reasons);
}

static void lacks(size_t server, enum presence presence) {
    facts.servers[server].presence[SLOT_CURRENT] = presence;
    facts.servers[server].serves[SLOT_CURRENT] = false;
}

static void test_all_have_it(void **state) {
    (void)state;
    assert_words(NULL, "All 12 counted servers have the current certificate.\n");
    facts.servers[3].counted = false;
    assert_words(NULL, "All 11 counted servers have the current certificate.\n");
    facts.probed = false;
    assert_words(NULL, "");
}

#define MISSING                                                                                                        \
    ": these servers cannot sign tokens with it, and what OAuth does through them fails. Bring it there: authcert "    \
    "deliver.\n"

static void test_each_list_has_its_meaning(void **state) {
    (void)state;
    lacks(0, PRESENCE_MISSING);
    lacks(1, PRESENCE_UNREACHABLE);
    facts.servers[1].reached = ANSWER_NO;
    sample_text(&facts.servers[1].trouble, "the connection was refused");
    lacks(2, PRESENCE_UNKNOWN);
    sample_text(&facts.servers[2].trouble, "it answered with HTTP status 503");
    lacks(3, PRESENCE_UNKNOWN);
    assert_words(NULL,
                 "The current certificate is missing on ex1.contoso.test" MISSING
                 "8 of 12 counted servers are known to have the current certificate.\n"
                 "The current certificate is not in the documents of ex4.contoso.test. It counts as missing "
                 "there once 25 hours have passed since the auth configuration last changed, for documents can "
                 "be so old.\n"
                 "No connection could be made to ex2.contoso.test: what they serve cannot be seen. authcert doctor "
                 "tells why; name servers that are gone for good in ignore of [servers].\n"
                 "No clear answer came from ex3.contoso.test: whether they have the current certificate is "
                 "unknown, not that they lack it. authcert doctor explains each.\n"
                 "ex3.contoso.test: it answered with HTTP status 503.\n");
}

static void test_long_lists_are_cut(void **state) {
    (void)state;
    for (size_t i = 0; i < 12; i++)
        lacks(i, PRESENCE_MISSING);
    assert_words(NULL, "The current certificate is missing on ex1.contoso.test, ex2.contoso.test, ex3.contoso.test, "
                       "ex4.contoso.test, ex5.contoso.test, ex6.contoso.test, ex7.contoso.test, ex8.contoso.test, "
                       "ex9.contoso.test, ex10.contoso.test and 2 more" MISSING
                       "0 of 12 counted servers are known to have the current certificate.\n");
}

static void test_what_documents_cannot_say(void **state) {
    (void)state;
    facts.slot[SLOT_CURRENT].certificate->not_after = SAMPLE_NOW;
    assert_words(NULL, "Servers list no certificate that has ended, so which of them have the current one cannot be "
                       "seen.\n");
    certificate_free(facts.slot[SLOT_CURRENT].certificate);
    facts.slot[SLOT_CURRENT].certificate = NULL;
    assert_words(NULL, "None of 12 servers lists the current certificate in a good document. Documents list none that "
                       "has ended: if it has, authcert recover is right.\n");
}

static void test_a_missing_next_is_told_without_asking(void **state) {
    (void)state;
    facts.probed = false;
    facts.servers[1].presence[SLOT_NEXT] = PRESENCE_MISSING;
    assert_words(NULL, "The next certificate is missing on ex2.contoso.test: they could not sign tokens from its date "
                       "on. Bring it there: authcert deliver.\n");
}

static void test_clocks(void **state) {
    (void)state;
    facts.servers[1].clock_ahead = -90000;
    facts.servers[4].clock_ahead = 100000;
    assert_words(NULL, "The clock of ex2.contoso.test is 90000 seconds behind this host's, which is more than a day, "
                       "and so it is on 2 of 12 servers.\n"
                       "All 12 counted servers have the current certificate.\n");
}

#define RESTART                                                                                                        \
    " of 12 servers serve it already. Exchange needs up to 12.5 hours: its servicelet looks every 12 hours, its "      \
    "processes every 30 minutes. At once on a server: Restart-Service MSExchangeServiceHost, then "                    \
    "Restart-WebAppPool MSExchangeOWAAppPool and Restart-WebAppPool MSExchangeECPAppPool.\n"

static void test_after_an_activation(void **state) {
    struct history history = {.pair.current = SAMPLE_CURRENT,
                              .pair.previous = SAMPLE_PREVIOUS,
                              .pair.since = SAMPLE_NOW - 3 * HOUR,
                              .pair.seen = SAMPLE_NOW - HOUR,
                              .pair.after = SAMPLE_NOW - 4 * HOUR};

    (void)state;
    sample_slot(&facts, SLOT_PREVIOUS, SAMPLE_PREVIOUS, 0, SAMPLE_NOW + HOUR);
    facts.attribute_changed = SAMPLE_NOW - 3 * HOUR;
    lacks(0, PRESENCE_UNKNOWN);
    lacks(1, PRESENCE_UNKNOWN);
    assert_words(&history, "10 of 12 counted servers are known to have the current certificate.\n"
                           "It became current about 3 h ago, and 10" RESTART);
    /* The look just after the write: the history still knows the pair from before. */
    memset(history.pair.current, 'D', THUMBPRINT_LENGTH);
    history.pair.seen = history.pair.since;
    facts.attribute_changed = SAMPLE_NOW;
    assert_words(&history, "10 of 12 counted servers are known to have the current certificate.\n"
                           "It became current less than an hour ago, and 10" RESTART);
    /* A delivery said that they have it; serving it is another matter. */
    facts.servers[0].presence[SLOT_CURRENT] = facts.servers[1].presence[SLOT_CURRENT] = PRESENCE_PRESENT;
    assert_words(&history, "All 12 counted servers have the current certificate.\n"
                           "It became current less than an hour ago, and 10" RESTART);
    facts.servers[0].serves[SLOT_CURRENT] = facts.servers[1].serves[SLOT_CURRENT] = true;
    assert_words(&history, "All 12 counted servers have the current certificate.\n"
                           "It became current less than an hour ago, and all 12 servers serve it already.\n");
    facts.attribute_changed = SAMPLE_NOW - 26 * HOUR;
    history.pair.since = history.pair.seen = SAMPLE_NOW - 30 * HOUR;
    assert_words(&history, "All 12 counted servers have the current certificate.\n");
}

/* What was read back from an earlier run: presence alone. */
static void test_without_the_documents(void **state) {
    struct history history = {
        .pair.current = SAMPLE_PREVIOUS, .pair.since = SAMPLE_NOW - HOUR, .pair.seen = SAMPLE_NOW};

    (void)state;
    for (size_t i = 0; i < facts.server_count; i++)
        facts.servers[i].serves[SLOT_CURRENT] = false;
    facts.attribute_changed = SAMPLE_NOW;
    facts.servers[0].presence[SLOT_CURRENT] = PRESENCE_UNKNOWN;
    assert_words(&history, "11 of 12 counted servers are known to have the current certificate.\n");
}

/* A name that is none never gets into a sentence. */
static void test_hostile_names(void **state) {
    (void)state;
    sample_text(&facts.servers[0].fqdn, "evil'; Remove-Item");
    lacks(0, PRESENCE_MISSING);
    assert_words(NULL, "11 of 12 counted servers are known to have the current certificate.\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all_have_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_list_has_its_meaning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_lists_are_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_documents_cannot_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_missing_next_is_told_without_asking, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_after_an_activation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_without_the_documents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_names, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
