#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/target.h"

static void goes_to_the_server_itself(void **state) {
    struct target target;
    struct error err = {0};

    (void)state;
    assert_true(target_make("https://{fqdn}/autodiscover/metadata/json/1", NULL, "ex1.contoso.test", &target, &err));
    assert_string_equal(target.url, "https://ex1.contoso.test/autodiscover/metadata/json/1");
    assert_string_equal(target.host, "ex1.contoso.test");
    assert_null(target.connect_to);
    assert_null(target.host_header);
    target_free(&target);
}

static void goes_there_under_another_name(void **state) {
    static const struct {
        const char *template, *url, *connect_to, *header;
    } cases[] = {
        {"https://{fqdn}/m", "https://mail.contoso.test/m", "::ex1.contoso.test:", "Host: ex1.contoso.test"},
        {"https://{fqdn}:444/m?{fqdn}", "https://mail.contoso.test:444/m?ex1.contoso.test", "::ex1.contoso.test:444",
         "Host: ex1.contoso.test:444"},
        {"https://{fqdn}", "https://mail.contoso.test", "::ex1.contoso.test:", "Host: ex1.contoso.test"},
        {"https://192.0.2.1:8443/{fqdn}", "https://mail.contoso.test:8443/ex1.contoso.test", "::192.0.2.1:8443",
         "Host: 192.0.2.1:8443"},
        {"https://[2001:db8::1]/{fqdn}", "https://mail.contoso.test/ex1.contoso.test",
         "::[2001:db8::1]:", "Host: [2001:db8::1]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct target target;
        struct error err = {0};

        assert_true(target_make(cases[i].template, "mail.contoso.test", "ex1.contoso.test", &target, &err));
        assert_string_equal(target.url, cases[i].url);
        assert_string_equal(target.host, "mail.contoso.test");
        assert_string_equal(target.connect_to, cases[i].connect_to);
        assert_string_equal(target.host_header, cases[i].header);
        target_free(&target);
    }
}

static void takes_no_other_names(void **state) {
    static const char *const names[] = {"", "-x", ".x", "ex1/..", "ex1@evil", "ex1:1", "ex1\r\nX: y", "ex 1", "{fqdn}"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct target target;
        struct error err = {0};

        assert_false(target_make("https://{fqdn}/m", NULL, names[i], &target, &err));
        assert_int_equal(err.kind, ERROR_DATA);
    }
}

static void takes_no_other_templates(void **state) {
    static const char *const templates[] = {"http://{fqdn}/m", "https:///{fqdn}", "https://:443/{fqdn}", "{fqdn}", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        struct target target;
        struct error err = {0};

        assert_false(target_make(templates[i], NULL, "ex1.contoso.test", &target, &err));
        assert_int_equal(err.kind, ERROR_CONFIG);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_to_the_server_itself),
        cmocka_unit_test(goes_there_under_another_name),
        cmocka_unit_test(takes_no_other_names),
        cmocka_unit_test(takes_no_other_templates),
    };

    return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
