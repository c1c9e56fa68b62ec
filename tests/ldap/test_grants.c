/* The commands that grant rights: what a name from the directory can do to a shell that they are typed in. */
#include "ldap/grants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(const struct rights *rights, const char *login, const char *wanted, const char *unwanted) {
    unsigned granted = 0;
    char *text = grants_text(rights, ~0U, &granted, login);

    assert_non_null(text);
    if (wanted != NULL && strstr(text, wanted) == NULL)
        fail_msg("%s is not in\n%s", wanted, text);
    if (unwanted != NULL && strstr(text, unwanted) != NULL)
        fail_msg("%s is in\n%s", unwanted, text);
    free(text);
}

static void test_nothing_is_lacking(void **state) {
    const struct rights rights = {0};
    unsigned granted = 0;
    char *text = grants_text(&rights, 0, &granted, NULL);

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

/* What the command prompt, PowerShell or a code page makes something else of, even within double quotes. */
static void test_only_plain_names_are_filled_in(void **state) {
    static const char *const plain[] = {"CN=Contoso & Söhne (Köln),CN=Microsoft Exchange,DC=contoso-01,DC=test",
                                        "CN=O'Neill\\, Ltd.,DC=x", "CN=Контора,DC=x", "CN=株式会社,DC=x"};
    static const char *const odd[] = {"$(calc)", "$env:x", "`n",     "%PATH%", "!PATH!", "\"",     "^",
                                      "|",       "<",      ">",      ";",      ":",      "*",      "?",
                                      "~",       "{",      "}",      "[",      "]",      "\t",     "\n",
                                      "\x1b",    "\x7f",   "\\",     "\u00a5", "\u201c", "\u201d", "\u201e",
                                      "\u2018",  "\u2028", "\u02ba", "\u2033", "\uff02", "\uff04"};

    (void)state;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        char dn[128], wanted[160];

        snprintf(dn, sizeof(dn), "%s", plain[i]);
        snprintf(wanted, sizeof(wanted), "dsacls \"%s\" /I:T", dn);
        assert_text(&(struct rights){.organization.dn = dn}, NULL, wanted, NULL);
    }
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        char name[64], begin[80];

        snprintf(name, sizeof(name), "a@b%s", odd[i]);
        snprintf(begin, sizeof(begin), "\"%s", name);
        assert_text(&(struct rights){.organization.dn = name}, NULL, "dsacls \"DN-OF-THE-ORGANIZATION\" /I:T", begin);
        assert_text(&(struct rights){.auth.dn = name}, NULL, "dsacls \"DN-OF-THE-AUTH-CONFIGURATION\" /G", begin);
        assert_text(&(struct rights){.container.dn = name}, NULL, "dsacls \"DN-OF-THE-CONTAINER\" /I:S", begin);
        assert_text(&(struct rights){.account = name}, NULL, "/G \"DOMAIN\\ACCOUNT:LCRP\"", begin);
        assert_text(&(struct rights){0}, name, "/G \"DOMAIN\\ACCOUNT:LCRP\"", begin);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_lacking),
        cmocka_unit_test(test_what_is_not_known_is_to_be_filled_in),
        cmocka_unit_test(test_names_end_no_quotes),
        cmocka_unit_test(test_only_plain_names_are_filled_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
