/*
 * The spelling of headers and bodies: folding, encoded words, addresses, dates, quoted-printable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/mail/mime.h"

static char *header(const char *value) {
    struct text text = {0};
    char *line;

    mime_header(&text, "Subject", value);
    line = text_take(&text);
    assert_non_null(line);
    return line;
}

static void assert_header(const char *value, const char *expected) {
    char *line = header(value);

    assert_string_equal(line, expected);
    free(line);
}

/* Every line ends with CRLF, is at most 78 long and is a header's first line or a folded one. */
static void assert_lines(const char *text) {
    for (const char *line = text; *line;) {
        const char *end = strstr(line, "\r\n");

        assert_non_null(end);
        assert_true(end - line <= 78);
        assert_null(memchr(line, '\n', (size_t)(end - line)));
        assert_null(memchr(line, '\r', (size_t)(end - line)));
        if (line != text)
            assert_true(*line == ' ' && line[1] != ' ' && end - line > 1);
        for (const char *p = line; p < end; p++)
            assert_in_range(*p, 0x20, 0x7e);
        line = end + 2;
    }
}

static void plain(void **unused) {
    (void)unused;
    assert_header("OK authcert: all is well", "Subject: OK authcert: all is well\r\n");
    assert_header("WARNING authcert Contoso: auth certificate ends in 21 days (2026-12-12) and more",
                  "Subject: WARNING authcert Contoso: auth certificate ends in 21 days\r\n (2026-12-12) and more\r\n");
    assert_header("", "Subject:\r\n");
}

static void encoded(void **unused) {
    (void)unused;
    assert_header("Gr\xc3\xbc\xc3\x9f", "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9F?=\r\n");
    assert_header("a =?UTF-8?Q?x?= b", "Subject: =?UTF-8?Q?a_=3D=3FUTF=2D8=3FQ=3Fx=3F=3D_b?=\r\n");
}

static void no_second_header(void **unused) {
    static const char *const values[] = {"a\r\nBcc: x@y", "a\nb", "a\rb", "\x1b[2J", "\xff\xfe", "\xe2\x80\xae!"};

    (void)unused;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char *line = header(values[i]);

        assert_lines(line);
        assert_null(strstr(line, "\nBcc"));
        free(line);
    }
}

static void long_values(void **unused) {
    char value[2000];
    char *line;

    (void)unused;
    for (size_t i = 0; i + 2 < sizeof value; i += 2)
        memcpy(value + i, "\xc3\xbc", 2);
    value[sizeof value - 2] = '\0';
    line = header(value);
    assert_lines(line);
    assert_true(strlen(line) < 2000);
    free(line);
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    line = header(value);
    assert_true(strlen(line) < 998);
    free(line);
}

static void addresses(void **unused) {
    struct strings list = {0};
    struct text text = {0};

    (void)unused;
    for (int i = 0; i < 20; i++)
        strings_add(&list, "administrator%d@contoso.test", i);
    mime_addresses(&text, "To", &list);
    assert_false(text.failed);
    assert_lines(text.value);
    assert_int_equal(strncmp(text.value, "To: administrator0@contoso.test, admin", 38), 0);
    text_free(&text);
    strings_free(&list);
}

static void dates(void **unused) {
    char date[MIME_DATE_SIZE];

    (void)unused;
    assert_string_equal(mime_date(date, 1795226400), "Sat, 21 Nov 2026 02:00:00 +0000");
    assert_string_equal(mime_date(date, 0), "Thu, 01 Jan 1970 00:00:00 +0000");
    assert_string_equal(mime_date(date, 4107542399), "Sun, 28 Feb 2100 23:59:59 +0000");
}

static void assert_quoted(const char *value, const char *expected) {
    struct text text = {0};
    char *quoted;

    mime_quoted_printable(&text, value);
    quoted = text_take(&text);
    assert_string_equal(quoted, expected);
    free(quoted);
}

static void quoted_printable(void **unused) {
    char value[200];
    char expected[220];

    (void)unused;
    assert_quoted("", "");
    assert_quoted("a=b\nc\n", "a=3Db\r\nc\r\n");
    assert_quoted("end \n\n x", "end=20\r\n\r\n x\r\n");
    assert_quoted("\xc3\xbc\t\r.", "=C3=BC=09=0D.\r\n");
    memset(value, 'x', sizeof value);
    value[76] = '\0';
    memset(expected, 'x', 76);
    memcpy(expected + 76, "\r\n", 3);
    assert_quoted(value, expected); /* 76 columns need no soft break, */
    value[76] = 'x';
    value[77] = '\0';
    memcpy(expected + 75, "=\r\nxx\r\n", 8);
    assert_quoted(value, expected); /* 77 do. */
}

/* Neither part can hold the line that ends it. */
static void alternative(void **unused) {
    struct text out = {0};

    (void)unused;
    mime_alternative(&out, "a\n--=_authcert--\n", "<p>=_authcert</p>\n");
    assert_string_equal(out.value, "MIME-Version: 1.0\r\n"
                                   "Content-Type: multipart/alternative;\r\n boundary=\"=_authcert\"\r\n\r\n"
                                   "--=_authcert\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                                   "a\r\n--=3D_authcert--\r\n\r\n"
                                   "--=_authcert\r\nContent-Type: text/html; charset=utf-8\r\n"
                                   "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                                   "<p>=3D_authcert</p>\r\n\r\n"
                                   "--=_authcert--\r\n");
    text_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(encoded),
        cmocka_unit_test(no_second_header),
        cmocka_unit_test(long_values),
        cmocka_unit_test(addresses),
        cmocka_unit_test(dates),
        cmocka_unit_test(quoted_printable),
        cmocka_unit_test(alternative),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
