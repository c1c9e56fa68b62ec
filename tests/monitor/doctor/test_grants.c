/* The commands that grant rights: what a name from the directory can do to a shell that they are typed in. */
#include "monitor/doctor/grants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALL                                                                                                            \
    { .read = true, .thumbprints = true, .date = true, .container = true, .record = true, .words = true }

static void assert_text(const struct rights *rights, const char *login, const char *wanted, const char *unwanted) {
    const struct lacking all = ALL;
    char *text = grants_text(rights, &all, login);

    assert_non_null(text);
    if (wanted != NULL && strstr(text, wanted) == NULL)
        fail_msg("%s is not in\n%s", wanted, text);
    if (unwanted != NULL && strstr(text, unwanted) != NULL)
        fail_msg("%s is in\n%s", unwanted, text);
    free(text);
}

static void test_nothing_is_lacking(void **state) {
    const struct rights rights = {0};
    const struct lacking none = {0};
    char *text = grants_text(&rights, &none, NULL);

    (void)state;
    assert_string_equal(text, "");
    free(text);
}

static void test_what_is_not_known_is_to_be_filled_in(void **state) {
    const struct rights rights = {0};

    (void)state;
    assert_text(&rights, NULL, "dsacls \"DN-OF-THE-ORGANIZATION\" /I:T /G \"DOMAIN\\ACCOUNT:LCRP\"", NULL);
    assert_text(&rights, NULL,
                "--objectdn='DN-OF-THE-AUTH-CONFIGURATION' --sddl='(OA;;WP;"
                "GUID-OF-msExchAuthCertificateThumbprint;;SID-OF-THE-ACCOUNT)'",
                NULL);
    assert_text(&rights, "svc@contoso.test", "/G \"svc@contoso.test:LCRP\"", "DOMAIN\\ACCOUNT");
    assert_text(&rights, "CONTOSO\\svc", "/G \"CONTOSO\\svc:LCRP\"", "DOMAIN\\ACCOUNT");
    assert_text(&rights, "CN=svc,DC=contoso,DC=test", "/G \"DOMAIN\\ACCOUNT:LCRP\"", "CN=svc");
}

static void test_names_end_no_quotes(void **state) {
    char prompt[] = "CN=a\" & calc & \",DC=x", variable[] = "CN=%PATH%,DC=x", shell[] = "CN=a'; reboot; ',DC=x";
    char account[] = "a\" & calc@x";

    (void)state;
    assert_text(&(struct rights){.organization.dn = prompt}, NULL, "dsacls \"DN-OF-THE-ORGANIZATION\"",
                "dsacls \"CN=a");
    assert_text(&(struct rights){.auth.dn = variable}, NULL, "dsacls \"DN-OF-THE-AUTH-CONFIGURATION\"",
                "dsacls \"CN=%");
    assert_text(&(struct rights){.organization.dn = shell}, NULL, "--objectdn='CN=a'\\''; reboot; '\\'',DC=x'",
                "'CN=a';");
    assert_text(&(struct rights){.account = account}, NULL, "/G \"DOMAIN\\ACCOUNT:LCRP\"", "calc");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_lacking),
        cmocka_unit_test(test_what_is_not_known_is_to_be_filled_in),
        cmocka_unit_test(test_names_end_no_quotes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
