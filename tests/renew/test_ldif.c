#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renew/ldif.h"

#define DN "CN=Auth Configuration,DC=test"
#define HEAD "dn: " DN "\nchangetype: modify\n"
#define DATE ((time_t)1798761600) /* 2027-01-01T00:00:00Z */

static struct bytes bytes_of(const char *text, size_t length) {
    return (struct bytes){(unsigned char *)(size_t)text, length};
}

static void writes(const char *dn, const struct change *change, const char *expected) {
    char *ldif = ldif_of_change(dn, change);

    assert_non_null(ldif);
    assert_string_equal(ldif, expected);
    free(ldif);
}

static void test_whole_change(void **state) {
    const struct bytes current = bytes_of("0:abc", 5);
    const struct bytes next = bytes_of("2:def", 5);
    const struct bytes date = bytes_of("20260101000000Z", 15);
    const struct change change = {
        .delete_values = {&current, &next},
        .delete_count = 2,
        .add_values = {"0:DEF", "1:ABC"},
        .add_count = 2,
        .delete_date = &date,
        .add_date = true,
        .date = DATE,
    };

    (void)state;
    writes(DN, &change,
           HEAD "delete: msExchAuthCertificateThumbprint\n"
                "msExchAuthCertificateThumbprint: 0:abc\n"
                "msExchAuthCertificateThumbprint: 2:def\n"
                "-\n"
                "add: msExchAuthCertificateThumbprint\n"
                "msExchAuthCertificateThumbprint: 0:DEF\n"
                "msExchAuthCertificateThumbprint: 1:ABC\n"
                "-\n"
                "delete: msExchAuthNextEffectiveDate\n"
                "msExchAuthNextEffectiveDate: 20260101000000Z\n"
                "-\n"
                "add: msExchAuthNextEffectiveDate\n"
                "msExchAuthNextEffectiveDate: 20270101000000.0Z\n"
                "-\n");
}

static void test_replace(void **state) {
    const struct change change = {.add_values = {"0:ABC"}, .add_count = 1, .replace_values = true};

    (void)state;
    writes(DN, &change,
           HEAD "replace: msExchAuthCertificateThumbprint\n"
                "msExchAuthCertificateThumbprint: 0:ABC\n"
                "-\n");
}

static void writes_value(const char *value, size_t length, const char *written) {
    const struct bytes bytes = bytes_of(value, length);
    const struct change change = {.delete_values = {&bytes}, .delete_count = 1};
    char expected[1024] = HEAD "delete: msExchAuthCertificateThumbprint\nmsExchAuthCertificateThumbprint";

    strncat(expected, written, sizeof(expected) - strlen(expected) - 1);
    strncat(expected, "\n-\n", sizeof(expected) - strlen(expected) - 1);
    writes(DN, &change, expected);
}

static void test_values(void **state) {
    char whole[49];

    (void)state;
    memset(whole, 0xff, sizeof(whole));
    writes_value("0:", 2, ": 0:");
    writes_value("0: a", 4, ": 0: a");
    writes_value("a<b:c", 5, ": a<b:c");
    writes_value("", 0, ":");
    writes_value(NULL, 0, ":");
    writes_value(" a", 2, ":: IGE=");
    writes_value("a ", 2, ":: YSA=");
    writes_value(":a", 2, ":: OmE=");
    writes_value("<a", 2, ":: PGE=");
    writes_value("0:\0", 3, ":: MDoA");
    writes_value("a\nb", 3, ":: YQpi");
    writes_value("a\rb", 3, ":: YQ1i");
    writes_value("\x1b[1m", 4, ":: G1sxbQ==");
    writes_value("\x7f", 1, ":: fw==");
    writes_value("\xc3\xa4", 2, ":: w6Q=");
    writes_value(whole, 48, ":: ////////////////////////////////////////////////////////////////");
    writes_value(whole, 49, ":: /////////////////////////////////////////////////////////////////w==");
}

static void test_names(void **state) {
    const struct change change = {.add_date = true, .date = DATE};
    char *ldif = ldif_of_change("CN=M\xc3\xbcller", &change);

    (void)state;
    assert_non_null(ldif);
    assert_ptr_equal(strstr(ldif, "dn:: Q049TcO8bGxlcg==\nchangetype: modify\nadd: "), ldif);
    free(ldif);
    ldif = ldif_of_change("CN=a\n-\ndelete: x", &change);
    assert_non_null(ldif);
    assert_null(strstr(ldif, "delete"));
    free(ldif);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_change),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
