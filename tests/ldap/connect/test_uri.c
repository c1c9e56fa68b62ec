#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ldap/read/names.h"
#include "ldap/reach.h"
#include "ldap/connect/uri.h"

static void knows_ports(void **state) {
    static const struct {
        const char *text;
        int port;
        bool catalog;
    } rows[] = {{"ldaps://dc1", 636, false},     {"ldap://dc1", 389, false},        {"ldaps://dc1:3269", 3269, true},
                {"ldap://dc1:3268", 3268, true}, {"ldaps://dc1:3636", 3636, false}, {"ldapi://%2Frun%2Fl", 0, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct directory_uri uri;

        assert_true(directory_uri_parse(rows[i].text, &uri, NULL));
        assert_int_equal(uri.port, rows[i].port);
        assert_int_equal(directory_uri_is_catalog(&uri), rows[i].catalog);
    }
}

static void knows_whose_a_uri_is(void **state) {
    (void)state;
    assert_true(directory_uri_names("ldaps://DC1.x.test:636", "dc1.X.test"));
    assert_false(directory_uri_names("ldaps://dc1.x.test", "dc2.x.test"));
    assert_false(directory_uri_names("ldaps://dc1.x.test", "dc1"));
    assert_false(directory_uri_names("ldaps://dc1.x.test:3269", "dc1.x.test"));
    assert_false(directory_uri_names("rubbish", "rubbish"));
}

static void makes_uris(void **state) {
    char out[URI_MOST];

    (void)state;
    assert_string_equal(directory_uri_make(true, "dc1.x.test", 0, out), "ldaps://dc1.x.test");
    assert_string_equal(directory_uri_make(false, "dc1.x.test", 389, out), "ldap://dc1.x.test");
    assert_string_equal(directory_uri_make(false, "dc1.x.test", 1389, out), "ldap://dc1.x.test:1389");
}

static void assert_reached(const struct directory_settings *settings, const char *like, const char *expected) {
    char *domains[] = {(char *)(uintptr_t) "y.test", (char *)(uintptr_t) "x.test"};
    struct reached from = {
        .uri = (char *)(uintptr_t)like, .domains_known = true, .domains = {.items = domains, .count = 2}};
    char *made = NULL;

    assert_true(reach_uri(settings, &from, "dc2.x.test", &made, NULL));
    assert_string_equal(made, expected);
    free(made);
}

/* A configured URI goes first, for it may have a port of its own; a global catalog's is passed over. */
static void reaches_hosts_as_configured(void **state) {
    char *uris[] = {(char *)(uintptr_t) "ldaps://dc2.x.test:3269", (char *)(uintptr_t) "ldaps://DC2.x.test:6360"};
    struct directory_settings settings = {.uris = {.items = uris, .count = 2}};

    (void)state;
    assert_reached(&settings, "ldaps://dc1.x.test", "ldaps://DC2.x.test:6360");
    settings.uris.count = 1;
    assert_reached(&settings, "ldaps://dc1.x.test:3269", "ldaps://dc2.x.test");
    assert_reached(&settings, "ldap://dc1.x.test:1389", "ldap://dc2.x.test");
    assert_reached(&settings, "ldapi://%2Frun%2Fl", "ldaps://dc2.x.test");
    settings.tls = DIRECTORY_TLS_STARTTLS;
    assert_reached(&settings, "ldapi://%2Frun%2Fl", "ldap://dc2.x.test");
}

static void assert_kept_from(const struct directory_settings *settings, const char *host, const char *word) {
    char *domains[] = {(char *)(uintptr_t) "x.test"};
    struct reached from = {.uri = (char *)(uintptr_t) "ldaps://dc1.x.test",
                           .domains_known = true,
                           .domains = {.items = domains, .count = 1}};
    struct error err = {0};
    char *made = NULL;

    assert_false(reach_uri(settings, &from, host, &made, &err));
    assert_non_null(strstr(err.text, word));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_null(made);
}

/* Whoever may write a name into the directory does not choose whom the password goes to. */
static void reaches_no_stranger(void **state) {
    char *uris[] = {(char *)(uintptr_t) "ldaps://dc2.other.test"};
    struct directory_settings settings = {.bind = BIND_SIMPLE, .uris = {.items = uris, .count = 0}};

    (void)state;
    assert_kept_from(&settings, "dc2.other.test", "no domain of the forest");
    assert_kept_from(&settings, "dc2.x.test.other", "no domain of the forest");
    assert_kept_from(&settings, "x.test", "no domain of the forest");
    assert_kept_from(&settings, "10.0.0.1", "no domain of the forest");
    assert_kept_from(&settings, "dc2.x.test", "ca_file");
    settings.ca_file = "/etc/ca.pem";
    assert_reached(&settings, "ldaps://dc1.x.test", "ldaps://dc2.x.test");
    assert_kept_from(&settings, "dc2.other.test", "no domain of the forest");
    settings.ca_file = NULL;
    settings.writer = "DC2.x.test";
    assert_reached(&settings, "ldaps://dc1.x.test", "ldaps://dc2.x.test");
    settings.writer = NULL;
    settings.domain = "x.test";
    assert_reached(&settings, "ldaps://dc1.x.test", "ldaps://dc2.x.test");
    settings.domain = NULL;
    settings.bind = BIND_GSSAPI;
    assert_reached(&settings, "ldaps://dc1.x.test", "ldaps://dc2.x.test");
}

static void knows_the_parent(void **state) {
    char long_dn[NAME_DN_MOST + 8] = "CN=";

    (void)state;
    memset(long_dn + 3, 'x', NAME_DN_MOST);
    assert_string_equal(name_parent("CN=NTDS Settings,CN=DC1,CN=Servers,DC=x"), "CN=DC1,CN=Servers,DC=x");
    assert_string_equal(name_parent("CN=a\\,b,DC=x"), "DC=x");
    assert_null(name_parent("DC=x"));
    assert_null(name_parent("DC=x,"));
    assert_null(name_parent(""));
    assert_null(name_parent("rubbish"));
    assert_null(name_parent(long_dn));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_ports),      cmocka_unit_test(knows_whose_a_uri_is),
        cmocka_unit_test(makes_uris),       cmocka_unit_test(reaches_hosts_as_configured),
        cmocka_unit_test(knows_the_parent), cmocka_unit_test(reaches_no_stranger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
