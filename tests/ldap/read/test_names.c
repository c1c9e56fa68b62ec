#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ldap/read/names.h"

static void assert_value(const char *dn, size_t index, const char *expected) {
    char *value = name_value(dn, index);

    assert_non_null(value);
    assert_string_equal(value, expected);
    free(value);
}

static void takes_escaped_values_apart(void **state) {
    (void)state;
    assert_value("CN=Paris,CN=Sites,DC=x", 0, "Paris");
    assert_value("CN=Fabrikam\\, Inc. \\\"west\\\",CN=Microsoft Exchange,DC=x", 0, "Fabrikam, Inc. \"west\"");
    assert_value("CN=A\\2CB,DC=x", 0, "A,B");
    assert_value("CN=M\\C3\\BCnchen,DC=x", 0, "München");
    assert_value("CN=a+OU=b,DC=x", 0, "a");
    assert_value("CN=x, DC=y", 1, "y");
}

static void makes_values_printable(void **state) {
    (void)state;
    assert_value("CN=A\\1B[31m,DC=x", 0, "A\\x1b[31m");
}

static void knows_what_is_no_dn(void **state) {
    char long_dn[NAME_DN_MOST + 8] = "CN=";

    (void)state;
    memset(long_dn + 3, 'x', NAME_DN_MOST);
    assert_int_equal(name_depth("garbage"), 0);
    assert_int_equal(name_depth(""), 0);
    assert_int_equal(name_depth(long_dn), 0);
    assert_int_equal(name_depth("CN=a,CN=b,DC=c"), 3);
    assert_null(name_value("garbage", 0));
    assert_null(name_value("CN=a,DC=b", 2));
}

static void counts_from_the_end(void **state) {
    char *value = NULL;
    size_t depth = 0;

    (void)state;
    assert_true(name_value_from_end("CN=a,CN=b,DC=c", 1, &depth, &value));
    assert_string_equal(value, "b");
    assert_int_equal(depth, 3);
    free(value);
    assert_false(name_value_from_end("CN=a,CN=b,DC=c", 3, &depth, &value));
}

static void compares_without_case_in_any_alphabet(void **state) {
    (void)state;
    assert_true(name_equal("Contoso", "CONTOSO"));
    assert_true(name_equal("Müller", "MÜLLER"));
    assert_true(name_equal("ΔΩ", "δω"));
    assert_false(name_equal("Contoso", "Contoso2"));
    assert_false(name_equal("Contoso2", "Contoso"));
    assert_false(name_equal("Müller", "Muller"));
    assert_true(name_equal("\xff\xfe", "\xff\xfe"));
    assert_false(name_equal("\xff\xfe", "\xff\xfd"));
    assert_true(name_equal("", ""));
}

static void assert_printable(const char *dn, const char *expected) {
    char *printable = name_printable(dn);
    char *before = name_value(dn, 0);
    char *after;

    assert_non_null(printable);
    assert_string_equal(printable, expected);
    after = name_value(printable, 0);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(printable);
}

static void prints_the_same_dn(void **state) {
    (void)state;
    assert_printable("CN=Contoso,DC=x", "CN=Contoso,DC=x");
    assert_printable("CN=A\\, B,DC=x", "CN=A\\, B,DC=x");
    assert_printable("CN=A\x1b\x07,DC=x", "CN=A\\1b\\07,DC=x");
    assert_printable("CN=A\\\\x1b,DC=x", "CN=A\\\\x1b,DC=x");
    assert_printable("CN=München,DC=x", "CN=München,DC=x");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_escaped_values_apart),
        cmocka_unit_test(makes_values_printable),
        cmocka_unit_test(knows_what_is_no_dn),
        cmocka_unit_test(counts_from_the_end),
        cmocka_unit_test(compares_without_case_in_any_alphabet),
        cmocka_unit_test(prints_the_same_dn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
