#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "ldap/connect/bind.h"
#include "ldap/connect/uri.h"

static char password[] = "secret";
static struct error err;

static struct directory_settings simple(void) {
    return (struct directory_settings){.bind = BIND_SIMPLE, .bind_dn = "CN=x", .password = {password, 6}, .timeout = 1};
}

static void assert_refused(const struct directory_settings *settings, const char *uri, const char *needle) {
    assert_false(bind_allowed(settings, uri, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.text, needle));
    assert_null(strstr(err.text, password));
}

static void sends_no_password_in_clear(void **state) {
    struct directory_settings settings = simple();

    (void)state;
    settings.tls = DIRECTORY_TLS_OFF;
    assert_refused(&settings, "ldap://dc1.contoso.test", "unencrypted");
    assert_true(bind_allowed(&settings, "ldaps://dc1.contoso.test", &err));
    assert_true(bind_allowed(&settings, "ldapi://%2Frun%2Fldapi", &err));
    settings.tls = DIRECTORY_TLS_STARTTLS;
    assert_true(bind_allowed(&settings, "ldap://dc1.contoso.test", &err));
    /* What the address is shows only after connecting. */
    settings.tls = DIRECTORY_TLS_OFF;
    settings.allow_cleartext = true;
    assert_true(bind_allowed(&settings, "ldap://dc1.contoso.test", &err));
}

static void sends_no_password_to_another_host_even_if_allowed(void **state) {
    struct directory_settings settings = simple();
    struct connection connection = {.loopback = false};

    (void)state;
    settings.tls = DIRECTORY_TLS_OFF;
    settings.allow_cleartext = true;
    assert_false(bind_account(&connection, &settings, &err));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_non_null(strstr(err.text, "not sent"));
    settings.allow_cleartext = false;
    connection.loopback = true;
    assert_false(bind_account(&connection, &settings, &err));
}

static void sends_no_empty_password(void **state) {
    struct directory_settings settings = simple();

    (void)state;
    settings.password.length = 0;
    assert_refused(&settings, "ldaps://dc1", "empty");
    settings.password.value = NULL;
    assert_refused(&settings, "ldaps://dc1", "empty");
    settings = simple();
    settings.bind_dn = NULL;
    assert_refused(&settings, "ldaps://dc1", "bind_dn");
    settings.bind_dn = "";
    assert_refused(&settings, "ldaps://dc1", "bind_dn");
}

static void says_that_gssapi_is_not_there(void **state) {
    struct directory_settings settings = {.bind = BIND_GSSAPI};

    (void)state;
    assert_refused(&settings, "ldaps://dc1", "keytab");
}

static void anonymous_needs_nothing(void **state) {
    struct directory_settings settings = {.bind = BIND_ANONYMOUS, .tls = DIRECTORY_TLS_OFF};

    (void)state;
    assert_true(bind_allowed(&settings, "ldap://dc1", &err));
}

static void takes_uris_apart(void **state) {
    struct directory_uri uri;

    (void)state;
    assert_true(directory_uri_parse("ldaps://DC1.contoso.test:3269", &uri, &err));
    assert_true(uri.tls && !uri.local);
    assert_string_equal(uri.host, "DC1.contoso.test");
    assert_true(directory_uri_parse("ldap://[::1]:389", &uri, &err));
    assert_false(uri.tls || uri.local);
    assert_string_equal(uri.host, "::1");
    assert_true(directory_uri_parse("ldapi://%2Frun%2Fsocket", &uri, &err));
    assert_true(uri.local);
    assert_string_equal(uri.host, "");
}

static void refuses_what_is_no_uri(void **state) {
    static const char *const bad[] = {"",
                                      "dc1",
                                      "http://dc1",
                                      "ldap://",
                                      "ldaps://",
                                      "ldap://a b",
                                      "ldap://a,ldap://b",
                                      "ldap://dc1/DC=x",
                                      "cldap://dc1",
                                      "ldap://dc1:x"};
    struct directory_uri uri = {.tls = true};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(directory_uri_parse(bad[i], &uri, &err));
        assert_int_equal(err.kind, ERROR_CONFIG);
    }
    assert_true(uri.tls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_no_password_in_clear),
        cmocka_unit_test(sends_no_password_to_another_host_even_if_allowed),
        cmocka_unit_test(sends_no_empty_password),
        cmocka_unit_test(says_that_gssapi_is_not_there),
        cmocka_unit_test(anonymous_needs_nothing),
        cmocka_unit_test(takes_uris_apart),
        cmocka_unit_test(refuses_what_is_no_uri),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
