#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "monitor/inventory/windows_name.h"

#define PUBLIC "/usr/share/ca-certificates/mozilla"

static struct windows_name parsed(const char *text) {
    struct windows_name name = {0};
    struct error err = {0};

    if (!windows_name_parse(text, strlen(text), &name, &err))
        fail_msg("%s: %s", text, err.text);
    return name;
}

static bool same(const char *one, const char *other) {
    struct windows_name first = parsed(one);
    struct windows_name second = parsed(other);
    bool equal = windows_name_equal(&first, &second);

    assert_int_equal(equal, windows_name_equal(&second, &first));
    windows_name_free(&first);
    windows_name_free(&second);
    return equal;
}

static void names_are_compared_part_by_part(void **state) {
    (void)state;
    assert_true(same("CN=mail.contoso.com, O=Contoso, C=US", "cn=MAIL.contoso.com,o=contoso;c=us"));
    assert_true(same("O=\"GoDaddy.com, Inc.\"", "O=\"godaddy.com, inc.\""));
    assert_true(same("O=\"say \"\"yes\"\"\"", "O=\"SAY \"\"YES\"\"\""));
    assert_true(same("S=Arizona", "ST=Arizona"));
    assert_true(same("SP=Arizona", "OID.2.5.4.8=Arizona"));
    assert_true(same("E=a@b.c", "Email=A@B.C"));
    assert_true(same("O=M\xC3\x9CLLER", "O=m\xC3\xBCller"));
    assert_true(same("O=Two  Spaces", "O=two spaces"));
    assert_true(same("CN=a + OU=b, O=c", "OU=b+CN=a, O=c"));
    assert_true(same("CN=\"a\"", "CN=a"));
    assert_false(same("CN=a, OU=b", "OU=b, CN=a"));
    assert_false(same("CN=a + OU=b", "CN=a, OU=b"));
    assert_false(same("CN=a", "CN=a, C=US"));
    assert_false(same("CN=R3", "CN=R10"));
    assert_false(same("CN=a", "OU=a"));
}

static void what_is_not_understood_is_said(void **state) {
    static const char *const bad[] = {
        "",           "mail.contoso.com", "CN=a,", "CN=\"a",    "CN=a\"b\"", "=a",     "XYZ=a",
        "CN=\"a\" b", "CN=#0C0161",       "1=a",   "CN=a,,O=b", ",CN=a",     "CN=a+,", "OID.=x"};
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct windows_name name = {0};
        struct error err = {0};

        if (windows_name_parse(bad[i], strlen(bad[i]), &name, &err))
            fail_msg("\"%s\" was understood", bad[i]);
        assert_int_equal(err.kind, ERROR_DATA);
    }
}

static void pairs_are_taken_apart(void **state) {
    struct windows_pair pair = {0};
    (void)state;

    assert_true(windows_pair_parse("<I>CN=R10, O=Let's Encrypt, C=US<S>CN=mail.contoso.com", &pair, NULL));
    assert_true(pair.has_issuer);
    assert_int_equal(pair.issuer.count, 3);
    windows_pair_free(&pair);
    assert_true(windows_pair_parse("<S>CN=mail.contoso.com", &pair, NULL));
    assert_false(pair.has_issuer);
    windows_pair_free(&pair);
    assert_true(windows_pair_parse("<i><s>CN=mail.contoso.com", &pair, NULL));
    assert_false(pair.has_issuer);
    windows_pair_free(&pair);
    assert_true(windows_pair_parse("<I>O=\"a <S> b\"<S>CN=x", &pair, NULL));
    assert_string_equal(pair.issuer.parts[0].value, "a <S> b");
    windows_pair_free(&pair);
    assert_false(windows_pair_parse("mail.contoso.com", &pair, NULL));
    assert_false(windows_pair_parse("<I>CN=x", &pair, NULL));
    assert_false(windows_pair_parse("x<S>CN=x", &pair, NULL));
}

/* The name of a real CA as Windows would write it, read again, is that name, and none of the others. */
static void real_names_go_both_ways(void **state) {
    struct windows_name names[400];
    size_t count = 0;
    DIR *folder = opendir(PUBLIC);
    struct dirent *file;
    (void)state;

    assert_non_null(folder);
    while ((file = readdir(folder)) != NULL && count < 400) {
        char path[512];
        FILE *open;
        X509 *certificate;
        struct text text = {0};
        struct windows_name again;

        if (file->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), PUBLIC "/%s", file->d_name);
        open = fopen(path, "r");
        assert_non_null(open);
        certificate = PEM_read_X509(open, NULL, NULL, NULL);
        (void)fclose(open);
        assert_non_null(certificate);
        assert_true(windows_name_read(X509_get_subject_name(certificate), &names[count], NULL));
        windows_name_write(&names[count], &text);
        again = parsed(text.value);
        assert_true(windows_name_equal(&names[count], &again));
        for (size_t i = 0; i < count; i++)
            if (windows_name_equal(&names[i], &again))
                assert_int_equal(names[i].count, names[count].count); /* two roots of one name */
        windows_name_free(&again);
        text_free(&text);
        X509_free(certificate);
        count++;
    }
    (void)closedir(folder);
    assert_true(count >= 30);
    for (size_t i = 0; i < count; i++)
        windows_name_free(&names[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_compared_part_by_part),
        cmocka_unit_test(what_is_not_understood_is_said),
        cmocka_unit_test(pairs_are_taken_apart),
        cmocka_unit_test(real_names_go_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
