/* What must not be left of a delivery's log: a key in any usual width or encoding, the password, parts of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "renew/deliver/redact.h"

#define PASSWORD "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define OCTETS 120

static const char digits[] =
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZdGhpcyBpcyBub3QgYSBrZXkgYnV0IGl0IGxvb2tz"
    "IGxpa2Ugb25lIGZvciBhbGwgdGhhdCBtYXR0ZXJzIGhlcmUgYW5kIGxvbmcgZW5vdWdoIHRvIGJlIGNvdmVyZWQ";

static size_t redacted(char *text, size_t length) {
    struct secret password = {.value = (char[]){PASSWORD}, .length = sizeof(PASSWORD) - 1};
    size_t covered = 0;

    redact_text(text, length, &password);
    for (size_t i = 0; i < length; i++)
        covered += text[i] == '*';
    return covered;
}

static void base_64_of_any_width(void **unused) {
    static const size_t widths[] = {16, 20, 32, 48, 60, 64, 76, 1000};
    static const char *const between[] = {"\n", "\r\n", "\n    ", "\",\n\"", "\n| "};

    (void)unused;
    for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
        for (size_t b = 0; b < sizeof(between) / sizeof(between[0]); b++) {
            char text[1024] = "found: ";

            for (size_t at = 0; at < sizeof(digits) - 1; at += widths[w])
                snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s%s", (int)widths[w], digits + at,
                         between[b]);
            assert_true(redacted(text, strlen(text)) >= sizeof(digits) - 1);
            assert_memory_equal(text, "found: ", 7);
        }
}

/* What xxd, hexdump, od and .NET make of the same octets, and narrow lines. */
static void dumps(void **unused) {
    static const char *const texts[] = {
        "00000000: 3082 04be 0201 0030 0d06 092a 8648 86f7  0......0...*.H..\n"
        "00000010: 0d01 0101 0500 0482 04a8 3082 04a4 0201  ..........0.....\n00000020: 0002 8201  ....\n",
        "00000000  30 82 04 be 02 01 00 30  0d 06 09 2a 86 48 86 f7  |0......0...*.H..|\n"
        "00000010  0d 01 01 01 05 00 04 82  04 a8 30 82 04 a4 02 01  |..........0.....|\n",
        "0000000 8230 be04 0102 3000 060d 2a09 4886 f786\n0000020 010d 0101 0005 8204 a804 8230 a404 0102\n",
        "0000000  48 130   4 190   2   1   0  48  13   6   9  42 134  72 134 247\n",
        "MIIEvQIB\nADANBgkq\nhkiG9w0B\nAQEFAASC\nBKcwggSj\nAgEAAoIB\n",
        "exch1: MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\nexch1: AgEAAoIBAQDZdGhpcyBpcyBub3QgYSBrZXkgYnV0\n"
        "exch1: IGxvb2tzIGxpa2Ugb25lIGZvciBhbGwgdGhhdCBt\nexch1: ZXJzIGhlcmUgYW5kIGxvbmcgZW5vdWdoIHRvIGJl\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[512];
        size_t letters = 0;

        snprintf(text, sizeof(text), "%s", texts[i]);
        for (size_t at = 0; text[at] != '\0'; at++)
            letters += text[at] != '\n';
        assert_int_equal(redacted(text, strlen(text)), letters);
    }
}

static void utf_16(void **unused) {
    char text[2 * sizeof(digits)] = "", word[2 * sizeof(PASSWORD)] = "";

    (void)unused;
    for (size_t i = 0; i < sizeof(digits) - 1; i++)
        text[2 * i] = digits[i];
    assert_true(redacted(text, 2 * (sizeof(digits) - 1)) >= sizeof(digits) - 1);
    for (size_t i = 0; i < sizeof(PASSWORD) - 1; i++)
        word[2 * i] = PASSWORD[i];
    assert_true(redacted(word, 2 * (sizeof(PASSWORD) - 1)) >= sizeof(PASSWORD) - 1);
}

static void octets_in_hexadecimal(void **unused) {
    static const char *const forms[][2] = {{"", ":"}, {"", " "}, {"", "-"}, {"0x", ", "}, {"\\x", ","}};

    (void)unused;
    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
        char text[2048] = "";
        size_t covered;

        for (unsigned i = 0; i < OCTETS; i++) {
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%02x%s", forms[f][0], i * 37 % 256,
                     forms[f][1]);
            if (i % 15 == 14)
                snprintf(text + strlen(text), sizeof(text) - strlen(text), "\n    ");
        }
        covered = redacted(text, strlen(text));
        assert_true(covered >= 2 * OCTETS);
    }
}

static void password_whole_and_cut(void **unused) {
    char whole[] = "password is " PASSWORD ".", small[] = "abcdefghijklmnopqrstuvwxyz", cut[] = "it is ABCDEFG";

    (void)unused;
    assert_int_equal(redacted(whole, strlen(whole)), sizeof(PASSWORD) - 1);
    assert_int_equal(redacted(small, strlen(small)), sizeof(PASSWORD) - 1);
    assert_int_equal(redacted(cut, strlen(cut)), 7);
}

/* What an admin needs to read stays. */
static void prose_stays(void **unused) {
    static const char *const texts[] = {
        "ex1.contoso.test failed Import-PfxCertificate: The specified network password is not correct.",
        "the thumbprint is AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01 of the certificate",
        "ex1.contoso.test present\nex2.contoso.test present\nex3.contoso.test present\nex4.contoso.test present\n",
        "HRESULT 0x80070056, line 12, char 3, at 2026-11-21 02:00:00, process 4711 of 1984 ended with 1\n",
        "copied to /var/tmp/x and then to ex2.contoso.test by scp at 2026-11-21 02:00:00\nand once more\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char text[256];

        snprintf(text, sizeof(text), "%s", texts[i]);
        assert_int_equal(redacted(text, strlen(text)), 0);
        assert_string_equal(text, texts[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base_64_of_any_width),
        cmocka_unit_test(dumps),
        cmocka_unit_test(utf_16),
        cmocka_unit_test(octets_in_hexadecimal),
        cmocka_unit_test(password_whole_and_cut),
        cmocka_unit_test(prose_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
