#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#include "core/certificate.h"
#include "tests/core/make_certificate.h"

#define NOT_BEFORE 1704110400 /* of the good recipe: 2024-01-01T12:00:00Z */
#define NOT_AFTER 1861963200  /* 2029-01-01T12:00:00Z */

/* Refused, with `part` in the text. */
static void refused(const unsigned char *der, size_t length, const char *part) {
    struct certificate *certificate = (struct certificate *)(uintptr_t)1;
    struct error err = {0};

    assert_false(certificate_parse(der, length, &certificate, &err));
    assert_ptr_equal(certificate, (void *)(uintptr_t)1);
    assert_int_equal(err.kind, ERROR_DATA);
    assert_int_equal(ERR_peek_error(), 0);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, err.text);
}

static void refused_recipe(const struct recipe *recipe, const char *part) {
    size_t length;
    unsigned char *der = make_der(recipe, &length);

    refused(der, length, part);
    OPENSSL_free(der);
}

static void reads_a_good_one(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate = make_certificate(&recipe);
    unsigned char sha1[SHA_DIGEST_LENGTH];
    char expected[THUMBPRINT_SIZE];

    (void)state;
    SHA1(certificate->der, certificate->der_length, sha1);
    for (size_t i = 0; i < sizeof(sha1); i++)
        snprintf(expected + 2 * i, 3, "%02X", sha1[i]);
    assert_string_equal(certificate->thumbprint, expected);
    assert_int_equal(certificate->not_before, NOT_BEFORE);
    assert_int_equal(certificate->not_after, NOT_AFTER);
    assert_string_equal(certificate->subject, "CN=" MADE_NAME);
    assert_string_equal(certificate->issuer, "CN=" MADE_NAME);
    assert_string_equal(certificate->serial, "3A5C0F114D22B09E4477A1C8E5D6F701");
    assert_true(certificate->rsa);
    assert_int_equal(certificate->key_bits, 2048);
    assert_string_equal(certificate->key, "RSA 2048");
    assert_string_equal(certificate->signature, "sha256WithRSAEncryption");
    assert_int_equal(certificate->problems.count, 0);
    certificate_free(certificate);
}

static void shows_hostile_names_harmless(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate;

    (void)state;
    recipe.subject = "\x1b[2J\xe2\x80\xaeM\xc3\xbcnchen\r\n";
    certificate = make_certificate(&recipe);
    for (const char *at = certificate->subject; *at != '\0'; at++)
        assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
    assert_non_null(strstr(certificate->subject, "M\xc3\xbcnchen"));
    assert_null(strstr(certificate->subject, "\xe2\x80\xae"));
    certificate_free(certificate);
}

static void refuses_damage(void **state) {
    struct recipe recipe = recipe_good();
    size_t length;
    unsigned char *der = make_der(&recipe, &length);
    unsigned char *longer = calloc(1, CERTIFICATE_MOST + 1);

    (void)state;
    assert_non_null(longer);
    refused(NULL, 0, "no bytes");
    for (size_t cut = 1; cut < length; cut++)
        refused(der, cut, "no DER certificate");
    memcpy(longer, der, length);
    refused(longer, length + 1, "1 bytes follow");
    refused(longer, CERTIFICATE_MOST, "bytes follow");
    refused(longer, CERTIFICATE_MOST + 1, "more than");
    refused((const unsigned char *)"hello", 5, "no DER certificate");
    OPENSSL_free(der);
    free(longer);
}

static void refuses_a_huge_key(void **state) {
    struct recipe recipe = recipe_good();

    (void)state;
    recipe.modulus_bits = 16392;
    recipe.exponent = "010001";
    refused_recipe(&recipe, "16392 bits");
}

/* Whatever one byte says: an answer or a refusal, and for an answer the SHA-1 of these very bytes. */
static void survives_every_changed_byte(void **state) {
    struct recipe recipe = recipe_good();
    size_t length;
    unsigned char *der = make_der(&recipe, &length);
    struct certificate *good = make_certificate(&recipe);
    size_t readable = 0;

    (void)state;
    for (size_t i = 0; i < length; i++) {
        struct certificate *certificate = NULL;
        struct error err = {0};

        der[i] ^= 0x41;
        if (certificate_parse(der, length, &certificate, &err)) {
            assert_string_not_equal(certificate->thumbprint, good->thumbprint);
            assert_true(certificate->problems.count > 0);
            readable++;
        } else {
            assert_int_equal(err.kind, ERROR_DATA);
        }
        assert_int_equal(ERR_peek_error(), 0);
        certificate_free(certificate);
        der[i] ^= 0x41;
    }
    assert_true(readable > 0 && readable < length);
    certificate_free(good);
    OPENSSL_free(der);
}

/* The two dates of the good recipe stand in the DER as UTCTime "240101120000Z" and "290101120000Z". */
static void refuses_impossible_dates(void **state) {
    struct recipe recipe = recipe_good();
    size_t length;
    unsigned char *der = make_der(&recipe, &length);
    unsigned char *date = memmem(der, length, "290101120000Z", 13);

    (void)state;
    assert_non_null(date);
    date[2] = '1';
    date[3] = '3';
    refused(der, length, "end (NotAfter) is no date");
    date = memmem(der, length, "240101120000Z", 13);
    assert_non_null(date);
    date[12] = 'X';
    refused(der, length, "beginning (NotBefore) is no date");
    OPENSSL_free(der);
}

static void is_usable_by_the_second(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate = make_certificate(&recipe);

    (void)state;
    assert_false(certificate_usable(certificate, NOT_BEFORE - 1));
    assert_true(certificate_usable(certificate, NOT_BEFORE));
    assert_true(certificate_usable(certificate, NOT_AFTER - 1));
    assert_false(certificate_usable(certificate, NOT_AFTER));
    certificate_free(certificate);
}

static void problems_name_the_day(void **state) {
    struct recipe recipe = recipe_good();
    struct certificate *certificate;
    struct strings list = {0};

    (void)state;
    recipe.subject = "mail.contoso.test";
    certificate = make_certificate(&recipe);
    certificate_problems(certificate, NOT_BEFORE, &list);
    assert_int_equal(list.count, 1);
    strings_free(&list);
    certificate_problems(certificate, NOT_BEFORE - 1, &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[1], "It is not valid before 2024-01-01T12:00:00Z.");
    strings_free(&list);
    certificate_problems(certificate, NOT_AFTER - 1, &list);
    assert_int_equal(list.count, 1);
    strings_free(&list);
    certificate_problems(certificate, NOT_AFTER, &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[1], "It ended on 2029-01-01T12:00:00Z.");
    strings_free(&list);
    certificate_free(certificate);
    certificate_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_good_one),
        cmocka_unit_test(shows_hostile_names_harmless),
        cmocka_unit_test(refuses_damage),
        cmocka_unit_test(refuses_a_huge_key),
        cmocka_unit_test(survives_every_changed_byte),
        cmocka_unit_test(refuses_impossible_dates),
        cmocka_unit_test(is_usable_by_the_second),
        cmocka_unit_test(problems_name_the_day),
    };

    return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}
