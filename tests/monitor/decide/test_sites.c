#include "monitor/decide/sites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define MOST 16

/* Servers as a line of words, site by site: a capital letter is the site, and after it stand its servers. */
enum { ASLEEP = '-', AWAKE = '+', HAS = '*', HAS_ASLEEP = '=', NOT_COUNTED = '!' };

static struct server_facts servers[MOST + 1];
static char names[MOST + 1][32], sites[MOST + 1][2];
static struct facts facts;

static struct server_facts server_of(char sign, char *name, char *site) {
    return (struct server_facts){
        .fqdn = name,
        .site = site,
        .counted = sign != NOT_COUNTED,
        .reached = sign == AWAKE || sign == HAS || sign == NOT_COUNTED ? ANSWER_YES : ANSWER_NO,
        .candidate = sign == HAS || sign == HAS_ASLEEP || sign == NOT_COUNTED ? PRESENCE_PRESENT : PRESENCE_MISSING};
}

/* "A+- B*": two servers in A, one of which answered, and one in B that has the candidate. Behind the last one stands a
 * server more that is none of them, of the last one's site and with all that is asked for. */
static void organization(const char *line) {
    size_t count = 0;
    char site = ' ';

    for (; *line != '\0'; line++) {
        if (*line >= 'A' && *line <= 'Z') {
            site = *line;
        } else if (*line != ' ') {
            assert_true(count < MOST);
            snprintf(names[count], sizeof(names[count]), "ex%zu.test", count + 1);
            sites[count][0] = site;
            servers[count] = server_of(*line, names[count], sites[count]);
            count++;
        }
    }
    sites[count][0] = site;
    servers[count] = server_of(HAS, (char *)"beyond.test", sites[count]);
    facts = (struct facts){.servers = servers, .server_count = count, .probed = true};
}

static void test_enough(void **state) {
    static const struct {
        const char *line;
        bool any, site, all;
    } table[] = {
        {"A+", false, false, false},
        {"A-", false, false, false},
        {"A!", false, false, false},
        {"A*", true, true, true},
        {"A=", true, true, true},
        {"A*+", true, true, false},
        {"A+*", true, true, false},
        {"A* B+", true, false, false},
        {"A+ B*", true, false, false},
        {"A* B-", true, true, true},    /* B is cut off */
        {"A- B*", true, true, true},    /* A is */
        {"A* B!-", true, true, true},   /* who is not counted does not stand for a site */
        {"A* B!+", true, false, false}, /* nor has anything for it */
        {"A* B-+", true, false, false}, /* B can be seen, and lacks it */
        {"A* B-=", true, true, true},   /* has it by a record, and cannot be seen */
        {"A* B-*", true, true, false},
        {"A*- B*- C*+", true, true, false},
        {"A- B-", false, false, false}, /* nothing can be seen, and nobody is known to have it */
        {"A*! B!", true, true, true},
        {"A+ B+ A* B*", true, true, false}, /* the order of the servers is the directory's, not the sites' */
        {"A+ B+ A* B+", true, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        organization(table[i].line);
        print_message("%s\n", table[i].line);
        assert_int_equal(sites_candidate_enough(&facts, CONFIRM_ANY), table[i].any);
        assert_int_equal(sites_candidate_enough(&facts, CONFIRM_ONE_PER_SITE), table[i].site);
        assert_int_equal(sites_candidate_enough(&facts, CONFIRM_ALL), table[i].all);
    }
    facts.server_count = 0;
    assert_false(sites_candidate_enough(&facts, CONFIRM_ANY));
}

static void assert_cut_off(const char *line, const char *words) {
    struct text text = {0};

    organization(line);
    print_message("%s\n", line);
    assert_int_equal(sites_cut_off(&facts), words[0] != '\0');
    sites_add_cut_off(&facts, &text);
    assert_string_equal(text.value != NULL ? text.value : "", words);
    text_free(&text);
}

static void test_cut_off(void **state) {
    (void)state;
    assert_cut_off("A+ B+", "");
    assert_cut_off("A+- B-+", "");
    assert_cut_off("A-- B+", "A (ex1.test, ex2.test)");
    assert_cut_off("A+ B-", "B (ex2.test)");
    assert_cut_off("A!- B+", "A (ex2.test)");
    assert_cut_off("A! B+", "");
    assert_cut_off("A- B- A- B- C+", "A (ex1.test, ex3.test); B (ex2.test, ex4.test)");
    assert_cut_off("A+ B- A-", "B (ex2.test)");
    assert_cut_off("A-", "A (ex1.test)");
    organization("A-");
    facts.probed = false;
    assert_false(sites_cut_off(&facts));
}

/* Names of sites are compared without case; a server without one stands with the others that have none. */
static void test_names_of_sites(void **state) {
    struct text text = {0};

    (void)state;
    organization("A- B- C- D- E- F-");
    servers[1].site = (char *)"a";
    servers[2].site = NULL;
    servers[3].site = (char *)"";
    servers[4].site = (char *)"Paris \"Nord\"";
    servers[5].site = (char *)"St. \xc3\x80tienne-2_b";
    sites_add_cut_off(&facts, &text);
    assert_string_equal(text.value,
                        "A (ex1.test, ex2.test); no site (ex3.test, ex4.test); a site with an odd name (ex5.test); "
                        "St. \xc3\x80tienne-2_b (ex6.test)");
    text_free(&text);

    servers[5].site = (char *)"\x7f";
    facts.servers = servers + 5;
    facts.server_count = 1;
    sites_add_cut_off(&facts, &text);
    assert_string_equal(text.value, "a site with an odd name (ex6.test)");
    text_free(&text);
}

/* What is no name of a server stands in no list of them. */
static void test_no_name(void **state) {
    (void)state;
    organization("A---");
    servers[1].fqdn = (char *)"ex2; reboot";
    {
        struct text text = {0};

        sites_add_cut_off(&facts, &text);
        assert_string_equal(text.value, "A (ex1.test, ex3.test)");
        text_free(&text);
    }
}

static void test_many(void **state) {
    (void)state;
    assert_cut_off("A-----------", "A (ex1.test, ex2.test, ex3.test, ex4.test, ex5.test, ex6.test, ex7.test, ex8.test, "
                                   "ex9.test, ex10.test and 1 more)");
    assert_cut_off("A----------", "A (ex1.test, ex2.test, ex3.test, ex4.test, ex5.test, ex6.test, ex7.test, ex8.test, "
                                  "ex9.test, ex10.test)");
    assert_cut_off("A- B- C- D- E- F- G- H- I- J-",
                   "A (ex1.test); B (ex2.test); C (ex3.test); D (ex4.test); E (ex5.test); F (ex6.test); G (ex7.test); "
                   "H (ex8.test); I (ex9.test); J (ex10.test)");
    assert_cut_off("A- B- C- D- E- F- G- H- I- J- A- K- L-",
                   "A (ex1.test, ex11.test); B (ex2.test); C (ex3.test); D (ex4.test); E (ex5.test); F (ex6.test); "
                   "G (ex7.test); H (ex8.test); I (ex9.test); J (ex10.test); and further sites");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enough),  cmocka_unit_test(test_cut_off), cmocka_unit_test(test_names_of_sites),
        cmocka_unit_test(test_no_name), cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
