#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ldap/read/server.h"

#define SITE "CN=Paris,CN=Sites,CN=Configuration,DC=contoso,DC=test"

/* An entry of single values; NULL leaves an attribute out. */
struct values {
    const char *address;
    const char *version;
    const char *serial;
    const char *roles;
    const char *site;
};

static const struct values good = {"ncacn_ip_tcp:ex1.contoso.test", "1942128136", "Version 15.2 (Build 31544.25)",
                                   "16385", SITE};

struct made {
    struct entry entry;
    struct berval values[5][2];
};

static void add(struct made *made, const char *name, const char *value) {
    size_t i = made->entry.count;

    if (!value)
        return;
    made->values[i][0] = (struct berval){strlen(value), (char *)(size_t)value};
    made->values[i][1] = (struct berval){0, NULL};
    made->entry.attributes[i] =
        (struct attribute){.name = {strlen(name), (char *)(size_t)name}, .values = made->values[i]};
    made->entry.count++;
}

/* Reads it and keeps what came out in `server` and `remark` until forget. */
static struct server_facts server;
static char *remark;

static void forget(void) {
    free(server.fqdn);
    free(server.site);
    free(server.version);
    free(remark);
    server = (struct server_facts){0};
    remark = NULL;
}

static bool counted(struct values values, const struct strings *ignore) {
    struct made made = {.entry = {.dn = "CN=EX1,CN=Servers,DC=x"}};
    struct error err = {0};

    forget();
    add(&made, "networkAddress", values.address);
    add(&made, "versionNumber", values.version);
    add(&made, "serialNumber", values.serial);
    add(&made, "msExchCurrentServerRoles", values.roles);
    add(&made, "msExchServerSite", values.site);
    assert_true(server_read(&made.entry, ignore, &server, &remark, &err));
    return server.counted;
}

static int clean_up(void **state) {
    (void)state;
    forget();
    return 0;
}

static void reads_a_usual_one(void **state) {
    (void)state;
    assert_true(counted(good, NULL));
    assert_string_equal(server.fqdn, "ex1.contoso.test");
    assert_string_equal(server.site, "Paris");
    assert_string_equal(server.version, "15.2.1544.25");
    assert_null(remark);
}

static void counts_by_version(void **state) {
    const struct {
        const char *version;
        bool counted;
    } cases[] = {
        {"1941962751", false}, {"1941962752", true}, {"1946157055", true}, {"1946157056", false}, {"0", false}};
    struct values values = good;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        values.version = cases[i].version;
        assert_int_equal(counted(values, NULL), cases[i].counted);
        assert_null(remark);
    }
    /* Without the number the serial says it. */
    values.version = NULL;
    assert_true(counted(values, NULL));
    values.serial = "Version 14.3 (Build 30123.4)";
    assert_false(counted(values, NULL));
    values.serial = NULL;
    assert_false(counted(values, NULL));
    assert_non_null(strstr(remark, "version"));
}

static void counts_by_role(void **state) {
    const struct {
        const char *roles;
        bool counted;
    } cases[] = {{"1", true},   {"2", true},     {"54", true}, {"16385", true}, {"64", false},
                 {"66", false}, {"4098", false}, {"4", false}, {"0", false}};
    struct values values = good;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        values.roles = cases[i].roles;
        assert_int_equal(counted(values, NULL), cases[i].counted);
        assert_null(remark);
    }
    values.roles = NULL;
    assert_false(counted(values, NULL));
    assert_non_null(strstr(remark, "roles"));
    values.roles = "many";
    assert_false(counted(values, NULL));
    assert_non_null(remark);
}

static void counts_only_valid_names(void **state) {
    static const char *const here[] = {"127.0.0.1", "localhost", "ex1.LocalHost", "2130706433", "a..b", "-ex1.x.test"};
    struct values values = good;

    (void)state;
    values.address = "NCACN_IP_TCP:Ex1.Contoso.Test";
    assert_true(counted(values, NULL));
    assert_string_equal(server.fqdn, "Ex1.Contoso.Test");
    values.address = "ncacn_ip_tcp:$(reboot)\r\n\x1b[31m";
    assert_false(counted(values, NULL));
    assert_string_equal(server.fqdn, "$(reboot)\\x0d\\x0a\\x1b[31m");
    assert_non_null(strstr(remark, "no valid host name"));
    for (size_t i = 0; i < sizeof(here) / sizeof(here[0]); i++) {
        char address[64];

        snprintf(address, sizeof(address), "ncacn_ip_tcp:%s", here[i]);
        values.address = address;
        assert_false(counted(values, NULL));
        assert_string_equal(server.fqdn, here[i]);
        assert_non_null(strstr(remark, here[i]));
    }
    values.address = "netbios:EX1";
    assert_false(counted(values, NULL));
    assert_string_equal(server.fqdn, "EX1");
    assert_non_null(strstr(remark, "networkAddress"));
    values.address = NULL;
    assert_false(counted(values, NULL));
    values.address = "ncacn_ip_tcp:";
    assert_false(counted(values, NULL));
}

static void remarks_nothing_about_servers_that_never_count(void **state) {
    struct values values = good;

    (void)state;
    values.address = NULL;
    values.roles = "64";
    assert_false(counted(values, NULL));
    assert_null(remark);
}

static void leaves_out_the_ignored(void **state) {
    struct strings ignore = {0};

    (void)state;
    strings_add(&ignore, "EX1.contoso.TEST");
    assert_false(counted(good, &ignore));
    assert_null(remark);
    strings_free(&ignore);
}

static void lives_with_a_missing_site(void **state) {
    struct values values = good;

    (void)state;
    values.site = NULL;
    assert_true(counted(values, NULL));
    assert_string_equal(server.site, "");
    values.site = "garbage";
    assert_true(counted(values, NULL));
    assert_string_equal(server.site, "");
}

static void assert_version(const char *text, const char *expected) {
    char version[64] = "untouched";

    assert_int_equal(server_version_parse(text, strlen(text), version, sizeof(version)), expected != NULL);
    if (expected)
        assert_string_equal(version, expected);
}

static void parses_versions(void **state) {
    (void)state;
    assert_version("Version 15.2 (Build 31544.25)", "15.2.1544.25");
    assert_version("Version 15.0 (Build 31497.2)", "15.0.1497.2");
    assert_version("Version 15.1 (Build 1497.2)", "15.1.1497.2");
    assert_version("Version 15.2 (Build 31544.25) x", NULL);
    assert_version("Version 15.2 (Build 31544.25", NULL);
    assert_version("Version 15.2", NULL);
    assert_version("", NULL);
    assert_version("Version 99999999999999999999.2 (Build 31544.25)", NULL);
}

/* What is not counted holds none for certain, or may hold one all the same. */
static void tells_what_holds_one(void **state) {
    struct values values = good;
    char *entry = (char[]){"ex1.contoso.test"};
    const struct strings ignore = {.items = &entry, .count = 1};

    (void)state;
    assert_true(counted(values, NULL));
    assert_int_equal(server.holds, ANSWER_YES);
    assert_false(counted(values, &ignore));
    assert_int_equal(server.holds, ANSWER_YES);
    values.roles = "64";
    assert_false(counted(values, NULL));
    assert_int_equal(server.holds, ANSWER_NO);
    values = good;
    values.version = "1937801568";
    assert_false(counted(values, &ignore));
    assert_int_equal(server.holds, ANSWER_NO);
    values = good;
    values.roles = NULL;
    assert_false(counted(values, NULL));
    assert_int_equal(server.holds, ANSWER_UNKNOWN);
    values = good;
    values.address = NULL;
    assert_false(counted(values, NULL));
    assert_int_equal(server.holds, ANSWER_YES);
}

static void an_entry_without_a_dot_fits_the_first_label(void **state) {
    (void)state;
    assert_true(server_fits("ex2.contoso.test", "EX2.contoso.TEST"));
    assert_true(server_fits("ex2.contoso.test", "EX2"));
    assert_true(server_fits("EX2", "ex2"));
    assert_false(server_fits("ex2.contoso.test", "EX"));
    assert_false(server_fits("ex2.contoso.test", "ex22"));
    assert_false(server_fits("ex2.contoso.test", "ex2.contoso"));
    assert_false(server_fits("ex2.contoso.test", "ex2."));
    assert_false(server_fits("ex2.contoso.test", "contoso"));
}

static void sorts_as_people_do(void **state) {
    struct server_facts servers[] = {{.fqdn = (char *)(size_t) "ex102.contoso.test", .counted = true},
                                     {.fqdn = (char *)(size_t) "EX12.contoso.test"},
                                     {.fqdn = (char *)(size_t) "ex2.contoso.test", .counted = true},
                                     {.fqdn = (char *)(size_t) "ex12.contoso.test", .counted = true}};

    (void)state;
    server_sort(servers, 4);
    assert_string_equal(servers[0].fqdn, "ex2.contoso.test");
    assert_string_equal(servers[1].fqdn, "ex12.contoso.test");
    assert_true(servers[1].counted);
    assert_string_equal(servers[2].fqdn, "EX12.contoso.test");
    assert_string_equal(servers[3].fqdn, "ex102.contoso.test");
    server_sort(NULL, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(reads_a_usual_one, clean_up),
        cmocka_unit_test_teardown(counts_by_version, clean_up),
        cmocka_unit_test_teardown(counts_by_role, clean_up),
        cmocka_unit_test_teardown(counts_only_valid_names, clean_up),
        cmocka_unit_test_teardown(remarks_nothing_about_servers_that_never_count, clean_up),
        cmocka_unit_test_teardown(leaves_out_the_ignored, clean_up),
        cmocka_unit_test_teardown(lives_with_a_missing_site, clean_up),
        cmocka_unit_test(parses_versions),
        cmocka_unit_test_teardown(tells_what_holds_one, clean_up),
        cmocka_unit_test_teardown(an_entry_without_a_dot_fits_the_first_label, clean_up),
        cmocka_unit_test(sorts_as_people_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
