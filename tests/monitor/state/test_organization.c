/*
 * The organization's name out of its DN, however it is spelled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "monitor/state/organization.h"

#define BEHIND ",CN=Microsoft Exchange,CN=Services,CN=Configuration,DC=contoso,DC=test"
#define BEFORE "CN=Auth Configuration,CN=Global Settings,CN="

static void assert_name(const char *dn, const char *expected) {
    char name[65];

    assert_ptr_equal(organization_of_dn(dn, name, sizeof name), name);
    assert_string_equal(name, expected);
}

static void names(void **unused) {
    (void)unused;
    assert_name(BEFORE "Contoso" BEHIND, "Contoso");
    assert_name("cn=Auth Configuration,cn=Global Settings,cn=Contoso,cn=microsoft exchange,cn=services,dc=x",
                "Contoso");
    assert_name("CN=Contoso" BEHIND, "Contoso");
    assert_name(BEFORE "Contoso\\, Ltd\\2E" BEHIND, "Contoso, Ltd.");
    assert_name(BEFORE "M\\C3\\BCller" BEHIND, "M\xc3\xbcller");
    assert_name(BEFORE "a\\0Db\\0A" BEHIND, "a\\x0db\\x0a");
    assert_name(BEFORE "a\\\\" BEHIND, "a\\");
}

static void no_names(void **unused) {
    (void)unused;
    assert_name(NULL, "");
    assert_name("", "");
    assert_name("CN=Auth Configuration,DC=contoso,DC=test", "");
    assert_name(BEFORE BEHIND, "");
    assert_name(BEHIND, "");
    assert_name("OU=Contoso" BEHIND, "");
    assert_name("CN=" BEHIND, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(no_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
