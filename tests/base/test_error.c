#include "base/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>

static void sets_kind_and_text(void **state) {
    struct error err;

    (void)state;
    assert_false(error_set(&err, ERROR_CONFIG, "cannot use %s: %d", "it", 7));
    assert_int_equal(err.kind, ERROR_CONFIG);
    assert_string_equal(err.text, "cannot use it: 7");
    assert_false(error_set(&err, ERROR_BUG, "%s", ""));
    assert_int_equal(err.kind, ERROR_BUG);
    assert_string_equal(err.text, "");
}

static void takes_no_error(void **state) {
    (void)state;
    assert_false(error_set(NULL, ERROR_CONFIG, "%s", "text"));
    assert_false(error_context(NULL, "context"));
    assert_false(error_memory(NULL));
    assert_false(error_errno(NULL, ENOENT, "text"));
    assert_false(error_openssl(NULL, ERROR_CRYPTO, "text"));
}

static void makes_hostile_text_visible(void **state) {
    struct error err;

    (void)state;
    error_set(&err, ERROR_DATA, "the name %s", "a\x1b[2J\nb\xff \xe2\x80\xae");
    assert_string_equal(err.text, "the name a\\x1b[2J\\x0ab\\xff \\xe2\\x80\\xae");
    error_context(&err, "DC1\t\xc3\xa9");
    assert_string_equal(err.text, "DC1\\x09\xc3\xa9: the name a\\x1b[2J\\x0ab\\xff \\xe2\\x80\\xae");
    error_errno(&err, EACCES, "file \r");
    assert_string_equal(err.text, "file \\x0d: Permission denied");
}

/* Whatever the length, the text ends within its size, in dots, and never within a character. */
static void cuts_long_text(void **state) {
    static char value[4 * ERROR_TEXT_SIZE];
    struct error err;

    (void)state;
    for (size_t length = ERROR_TEXT_SIZE - 4; length < sizeof(value) - 1; length++) {
        memset(value, 'x', length);
        memcpy(value + length - 2, "\xc3\xa9", 2);
        value[length] = '\0';
        error_set(&err, ERROR_DATA, "%s", value);
        if (length < ERROR_TEXT_SIZE) {
            assert_string_equal(err.text, value);
            continue;
        }
        assert_int_equal(strlen(err.text), ERROR_TEXT_SIZE - 1);
        assert_string_equal(err.text + ERROR_TEXT_SIZE - 5, "x...");
    }
    for (size_t i = 0; i + 1 < sizeof(value); i++)
        value[i] = i % 2 == 0 ? '\xc3' : '\xa9';
    value[sizeof(value) - 1] = '\0';
    error_set(&err, ERROR_DATA, "%s", value);
    assert_string_equal(err.text + strlen(err.text) - 5, "\xc3\xa9...");
    assert_null(strchr(err.text, '\\'));
}

static void takes_its_own_text(void **state) {
    struct error err;

    (void)state;
    error_set(&err, ERROR_NETWORK, "nobody answered");
    error_set(&err, ERROR_LOCAL, "again: %s", err.text);
    assert_string_equal(err.text, "again: nobody answered");
    error_context(&err, "(%s)", err.text);
    assert_string_equal(err.text, "(again: nobody answered): again: nobody answered");
}

static void context_goes_before_and_keeps_the_kind(void **state) {
    struct error err;

    (void)state;
    error_set(&err, ERROR_DIRECTORY, "refused");
    assert_false(error_context(&err, "server %d", 2));
    assert_int_equal(err.kind, ERROR_DIRECTORY);
    assert_string_equal(err.text, "server 2: refused");
}

static void memory_is_a_local_failure(void **state) {
    struct error err;

    (void)state;
    assert_false(error_memory(&err));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_non_null(strstr(err.text, "out of memory"));
}

static void errno_is_a_local_failure(void **state) {
    struct error err;

    (void)state;
    assert_false(error_errno(&err, ENOENT, "cannot open %s", "x"));
    assert_int_equal(err.kind, ERROR_LOCAL);
    assert_string_equal(err.text, "cannot open x: No such file or directory");
    error_errno(&err, 99999, "cannot open %s", "x");
    assert_string_equal(err.text, "cannot open x: unknown error 99999");
}

static void drains_openssl(void **state) {
    const unsigned char junk[] = {0x30, 0x03, 0xff, 0xff, 0xff};
    const unsigned char *at = junk;
    struct error err;

    (void)state;
    assert_null(d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, sizeof(junk)));
    assert_false(error_openssl(&err, ERROR_CRYPTO, "cannot read the key of %s", "x"));
    assert_int_equal(err.kind, ERROR_CRYPTO);
    assert_ptr_equal(strstr(err.text, "cannot read the key of x: "), err.text);
    assert_null(strstr(err.text, "no reason"));
    assert_int_equal(ERR_peek_error(), 0);

    error_openssl(&err, ERROR_CRYPTO, "cannot read the key of %s", "x");
    assert_string_equal(err.text, "cannot read the key of x: OpenSSL gives no reason");

    ERR_raise_data(ERR_LIB_EVP, EVP_R_BAD_DECRYPT, "file %d\n", 1);
    ERR_raise(ERR_LIB_EVP, EVP_R_UNSUPPORTED_CIPHER);
    ERR_raise(ERR_LIB_USER, 4000);
    ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
    error_openssl(&err, ERROR_DATA, "cannot");
    assert_ptr_equal(strstr(err.text, "cannot: bad decrypt (file 1\\x0a); unsupported cipher; error:"), err.text);
    assert_int_equal(ERR_peek_error(), 0);

    ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
    error_openssl(NULL, ERROR_CRYPTO, "nobody asks");
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_kind_and_text),
        cmocka_unit_test(takes_no_error),
        cmocka_unit_test(makes_hostile_text_visible),
        cmocka_unit_test(cuts_long_text),
        cmocka_unit_test(takes_its_own_text),
        cmocka_unit_test(context_goes_before_and_keeps_the_kind),
        cmocka_unit_test(memory_is_a_local_failure),
        cmocka_unit_test(errno_is_a_local_failure),
        cmocka_unit_test(drains_openssl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
