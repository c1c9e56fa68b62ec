#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ldap/read/metadata.h"

#define ATTRIBUTE "msExchAuthCertificateThumbprint"
#define DSA "CN=NTDS Settings,CN=DC7,CN=Servers,CN=Paris,CN=Sites,CN=Configuration,DC=contoso,DC=test"

static struct metadata found;

static bool parse(const char *value) {
    return metadata_parse(value, strlen(value), ATTRIBUTE, &found);
}

static const char *fragment(const char *attribute, const char *changed, const char *dsa) {
    static char text[METADATA_VALUE_MOST * 2];

    snprintf(text, sizeof(text),
             "<DS_REPL_ATTR_META_DATA>\n\t<pszAttributeName>%s</pszAttributeName>\n\t<dwVersion>3</dwVersion>\n"
             "\t<ftimeLastOriginatingChange>%s</ftimeLastOriginatingChange>\n"
             "\t<pszLastOriginatingDsaDN>%s</pszLastOriginatingDsaDN>\n</DS_REPL_ATTR_META_DATA>\n",
             attribute, changed, dsa);
    return text;
}

static void takes_time_and_server(void **state) {
    (void)state;
    assert_true(parse(fragment(ATTRIBUTE, "2026-11-21T02:00:00Z", DSA)));
    assert_int_equal(found.changed, 1795226400);
    assert_string_equal(found.server, "DC7");
}

static void takes_the_trailing_nul_of_windows(void **state) {
    const char *text = fragment(ATTRIBUTE, "2026-11-21T02:00:00Z", DSA);

    (void)state;
    assert_true(metadata_parse(text, strlen(text) + 1, ATTRIBUTE, &found));
}

static void compares_the_attribute_without_case_and_whole(void **state) {
    (void)state;
    assert_true(parse(fragment("MSEXCHAUTHCERTIFICATETHUMBPRINT", "2026-11-21T02:00:00Z", DSA)));
    assert_false(parse(fragment("msExchAuthCertificateThumbprintX", "2026-11-21T02:00:00Z", DSA)));
    assert_false(parse(fragment("name", "2026-11-21T02:00:00Z", DSA)));
}

static void knows_no_server_when_it_is_deleted(void **state) {
    (void)state;
    assert_true(parse(fragment(ATTRIBUTE, "2026-11-21T02:00:00Z", "")));
    assert_string_equal(found.server, "");
}

static void undoes_the_escapes_of_xml(void **state) {
    (void)state;
    assert_true(parse(fragment(ATTRIBUTE, "2026-11-21T02:00:00Z", "CN=NTDS Settings,CN=A&amp;B,CN=Servers,DC=x")));
    assert_string_equal(found.server, "A&B");
}

static void makes_the_server_printable(void **state) {
    (void)state;
    assert_true(parse(fragment(ATTRIBUTE, "2026-11-21T02:00:00Z", "CN=NTDS Settings,CN=A\x1b[31m,DC=x")));
    assert_string_equal(found.server, "A\\x1b[31m");
}

static void refuses_what_makes_no_sense(void **state) {
    char large[METADATA_VALUE_MOST + 2];

    (void)state;
    found.changed = 7;
    assert_false(parse(""));
    assert_false(parse("<pszAttributeName>" ATTRIBUTE));
    assert_false(parse("<pszAttributeName>" ATTRIBUTE "</pszAttributeName>"));
    assert_false(parse(fragment(ATTRIBUTE, "yesterday", DSA)));
    assert_false(parse(fragment(ATTRIBUTE "</pszAttributeName><pszAttributeName>x", "2026-11-21T02:00:00Z", DSA)));
    assert_false(metadata_parse("a\0b", 3, ATTRIBUTE, &found));
    memset(large, 'x', sizeof(large));
    assert_false(metadata_parse(large, sizeof(large), ATTRIBUTE, &found));
    assert_int_equal(found.changed, 7);
}

static void reads_windows_zero_as_a_time_before_all_times(void **state) {
    (void)state;
    assert_true(parse(fragment(ATTRIBUTE, "1601-01-01T00:00:00Z", DSA)));
    assert_true(found.changed < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_time_and_server),
        cmocka_unit_test(takes_the_trailing_nul_of_windows),
        cmocka_unit_test(compares_the_attribute_without_case_and_whole),
        cmocka_unit_test(knows_no_server_when_it_is_deleted),
        cmocka_unit_test(undoes_the_escapes_of_xml),
        cmocka_unit_test(makes_the_server_printable),
        cmocka_unit_test(refuses_what_makes_no_sense),
        cmocka_unit_test(reads_windows_zero_as_a_time_before_all_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
