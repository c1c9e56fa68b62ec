#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "ldap/connect/trouble.h"

#define LOGON "80090308: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data "

static struct error err;

static void assert_trouble(int code, const char *diagnostic, enum error_kind kind, const char *needle) {
    assert_false(trouble_say(code, diagnostic, "log in as CN=x", &err));
    assert_int_equal(err.kind, kind);
    assert_non_null(strstr(err.text, needle));
}

static void classes_by_who_can_mend(void **state) {
    (void)state;
    assert_trouble(LDAP_INVALID_CREDENTIALS, NULL, ERROR_CREDENTIALS, "password");
    assert_trouble(LDAP_INSUFFICIENT_ACCESS, NULL, ERROR_CREDENTIALS, "grant");
    assert_trouble(LDAP_SERVER_DOWN, NULL, ERROR_NETWORK, "firewall");
    assert_trouble(LDAP_TIMEOUT, NULL, ERROR_NETWORK, "timeout");
    assert_trouble(LDAP_BUSY, NULL, ERROR_NETWORK, "busy");
    assert_trouble(LDAP_CONFIDENTIALITY_REQUIRED, NULL, ERROR_CONFIG, "ldaps://");
    assert_trouble(LDAP_STRONG_AUTH_REQUIRED, NULL, ERROR_CONFIG, "starttls");
    assert_trouble(LDAP_STRONG_AUTH_REQUIRED, "modifications require authentication", ERROR_CREDENTIALS,
                   "bind = simple");
    assert_trouble(LDAP_REFERRAL, NULL, ERROR_DIRECTORY, "referrals are not followed");
    assert_trouble(LDAP_SIZELIMIT_EXCEEDED, NULL, ERROR_DIRECTORY, "size limit");
    assert_trouble(LDAP_NO_MEMORY, NULL, ERROR_LOCAL, "memory");
    assert_trouble(LDAP_OTHER, NULL, ERROR_DIRECTORY, "(80)");
    assert_trouble(9999, NULL, ERROR_DIRECTORY, "(9999)");
}

static void puts_the_servers_words_first(void **state) {
    (void)state;
    trouble_say(LDAP_BUSY, "come back later", "read CN=x", &err);
    assert_true(strncmp(err.text, "cannot read CN=x: come back later; ", 35) == 0);
}

static void translates_active_directory(void **state) {
    (void)state;
    assert_trouble(LDAP_INVALID_CREDENTIALS, LOGON "775, v4563", ERROR_CREDENTIALS, "locked");
    assert_trouble(LDAP_INVALID_CREDENTIALS, LOGON "532, v4563", ERROR_CREDENTIALS, "expired");
    assert_trouble(LDAP_INVALID_CREDENTIALS, LOGON "fff, v4563", ERROR_CREDENTIALS, "password");
    assert_trouble(
        LDAP_OPERATIONS_ERROR,
        "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a successful bind must "
        "be completed on the connection., data 0",
        ERROR_CREDENTIALS, "bind = simple");
    assert_trouble(LDAP_OPERATIONS_ERROR, "something else", ERROR_DIRECTORY, "something else");
}

static void tells_what_another_server_may_not_have(void **state) {
    (void)state;
    trouble_say(LDAP_SERVER_DOWN, NULL, "connect", &err);
    assert_true(trouble_elsewhere(&err));
    trouble_say(LDAP_DECODING_ERROR, NULL, "read", &err);
    assert_true(trouble_elsewhere(&err));
    trouble_say(LDAP_INVALID_CREDENTIALS, NULL, "log in", &err);
    assert_false(trouble_elsewhere(&err));
    trouble_say(LDAP_SIZELIMIT_EXCEEDED, NULL, "read", &err);
    assert_false(trouble_elsewhere(&err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_by_who_can_mend),
        cmocka_unit_test(puts_the_servers_words_first),
        cmocka_unit_test(translates_active_directory),
        cmocka_unit_test(tells_what_another_server_may_not_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
