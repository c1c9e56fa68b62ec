#include "notify/words/servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/plain.h"

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define SERVERS 7

static struct server_facts servers[SERVERS];
static struct facts facts;

static void set(size_t i, const char *fqdn, enum presence current, const char *trouble) {
    servers[i] = (struct server_facts){.fqdn = (char *)(uintptr_t)fqdn,
                                       .site = (char *)(uintptr_t) "Site1",
                                       .counted = true,
                                       .presence = {[SLOT_CURRENT] = current},
                                       .trouble = (char *)(uintptr_t)trouble};
}

/* Every list has one server at least. */
static int set_up(void **state) {
    (void)state;
    facts = (struct facts){.read = true, .probed = true, .servers_read = ANSWER_YES, .servers = servers};
    facts.server_count = SERVERS;
    memcpy(facts.slots.thumbprint[SLOT_CURRENT], A40, THUMBPRINT_SIZE);
    set(0, "ex1.contoso.test", PRESENCE_PRESENT, NULL);
    set(1, "ex2.contoso.test", PRESENCE_MISSING, NULL);
    set(2, "ex3.contoso.test", PRESENCE_UNREACHABLE, "the connection was refused");
    set(3, "ex4.contoso.test", PRESENCE_UNKNOWN, "HTTP status 503");
    set(4, "ex5.contoso.test", PRESENCE_UNKNOWN, "HTTP status 404");
    set(5, "ex6.contoso.test", PRESENCE_UNKNOWN, "HTTP status 401");
    set(6, "$(reboot)", PRESENCE_MISSING, "evil");
    return 0;
}

/* What the plain part of a message says; the caller frees. */
static struct text words_of(void) {
    struct layout layout = {0};
    struct text text = {0};

    servers_add(&layout, &facts);
    plain_add(&text, &layout);
    layout_free(&layout);
    assert_false(text.failed);
    return text;
}

static void assert_words(const char *words) {
    struct text text = words_of();

    assert_string_equal(text.value, words);
    text_free(&text);
}

static void test_each_list_says_what_it_means(void **state) {
    (void)state;
    servers[6].counted = false;
    assert_words("Servers       6 that hold an auth certificate\n"
                 "              current: present 1, missing 1, unreachable 1, unknown 3\n"
                 "              missing on: ex2.contoso.test\n"
                 "              these cannot sign tokens with it, and OAuth through them\n"
                 "              fails: bring it there, as listed below\n"
                 "              unreachable on: ex3.contoso.test\n"
                 "              no connection, so what these have is not known: bring them\n"
                 "              back, or name those that are gone for good in ignore of\n"
                 "              [servers]\n"
                 "              unknown on: ex4.contoso.test, ex5.contoso.test,\n"
                 "              ex6.contoso.test\n"
                 "              these did not show it, which does not mean that they lack it:\n"
                 "              `doctor` tells what each answered\n"
                 "              ex3.contoso.test: the connection was refused\n"
                 "              ex4.contoso.test: HTTP status 503\n"
                 "              ex5.contoso.test: HTTP status 404\n"
                 "              and 1 more, which `doctor` explains\n");
}

/* Documents do not list next, so of it only a failed delivery is told. */
static void test_next(void **state) {
    (void)state;
    facts.server_count = 2;
    memcpy(facts.slots.thumbprint[SLOT_NEXT], A40, THUMBPRINT_SIZE);
    servers[0].presence[SLOT_NEXT] = PRESENCE_UNKNOWN;
    servers[1].presence[SLOT_CURRENT] = PRESENCE_PRESENT;
    servers[1].presence[SLOT_NEXT] = PRESENCE_MISSING;
    assert_words("Servers       2 that hold an auth certificate\n"
                 "              current: present 2, missing 0, unreachable 0, unknown 0\n"
                 "              next: present 0, missing 1, unreachable 0, unknown 1\n"
                 "              missing on: ex2.contoso.test\n"
                 "              these could not sign tokens from its date on: bring it there\n"
                 "              before, as described below\n");
}

static void test_a_name_that_is_none_is_never_told(void **state) {
    struct text text = words_of();

    (void)state;
    assert_null(strstr(text.value, "reboot"));
    assert_null(strstr(text.value, "evil"));
    text_free(&text);
}

static void test_nobody_asked(void **state) {
    (void)state;
    facts.probed = false;
    facts.servers_read = ANSWER_UNKNOWN;
    facts.server_count = 1;
    servers[0].presence[SLOT_CURRENT] = PRESENCE_UNKNOWN;
    assert_words("Servers       1 that hold an auth certificate (the list could not be read\n"
                 "              whole)\n"
                 "              the servers themselves were not asked\n"
                 "              current: present 0, missing 0, unreachable 0, unknown 1\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_each_list_says_what_it_means, set_up),
        cmocka_unit_test_setup(test_next, set_up),
        cmocka_unit_test_setup(test_a_name_that_is_none_is_never_told, set_up),
        cmocka_unit_test_setup(test_nobody_asked, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
