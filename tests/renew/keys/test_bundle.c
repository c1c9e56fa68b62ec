#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "renew/keys/bundle.h"
#include "tests/core/make_certificate.h"

/* A file in the making. */
static BIO *file;

static int make(void **state) {
    (void)state;
    file = BIO_new(BIO_s_mem());
    assert_non_null(file);
    return 0;
}

static int clean(void **state) {
    (void)state;
    BIO_free(file);
    return 0;
}

static X509 *numbered(unsigned number) {
    struct recipe recipe = recipe_good();
    char serial[16];

    snprintf(serial, sizeof(serial), "%X", 0x1000 + number);
    recipe.serial = serial;
    return make_x509(&recipe);
}

static void add_pem(unsigned number) {
    X509 *x509 = numbered(number);

    assert_int_equal(PEM_write_bio_X509(file, x509), 1);
    X509_free(x509);
}

static void add_text(const char *text) {
    assert_true(BIO_puts(file, text) >= 0);
}

static PKCS7 *make_pkcs7(unsigned count) {
    PKCS7 *pkcs7 = PKCS7_new();

    assert_non_null(pkcs7);
    assert_int_equal(PKCS7_set_type(pkcs7, NID_pkcs7_signed), 1);
    assert_int_equal(PKCS7_content_new(pkcs7, NID_pkcs7_data), 1);
    for (unsigned i = 0; i < count; i++) {
        X509 *x509 = numbered(i);

        assert_int_equal(PKCS7_add_certificate(pkcs7, x509), 1);
        X509_free(x509);
    }
    return pkcs7;
}

static void add_pkcs7(unsigned count, bool pem) {
    PKCS7 *pkcs7 = make_pkcs7(count);

    assert_int_equal(pem ? PEM_write_bio_PKCS7(file, pkcs7) : i2d_PKCS7_bio(file, pkcs7), 1);
    PKCS7_free(pkcs7);
}

/* A copy of exactly the file's bytes: the sanitizer sees what is read beyond. */
static unsigned char *content(size_t *ret_length) {
    char *data = NULL;
    long length = BIO_get_mem_data(file, &data);
    unsigned char *copy = malloc(length > 0 ? (size_t)length : 1);

    assert_non_null(copy);
    if (length > 0)
        memcpy(copy, data, (size_t)length);
    *ret_length = (size_t)length;
    return copy;
}

/* Certificates 0 to count - 1 in this order. */
static void holds(unsigned count, bool has_key) {
    size_t length;
    unsigned char *data = content(&length);
    struct bundle bundle = {0};
    struct error err = {0};

    if (!bundle_read(data, length, NULL, &bundle, &err))
        fail_msg("%s", err.text);
    assert_int_equal(bundle.count, count);
    for (unsigned i = 0; i < count; i++) {
        char serial[16];

        snprintf(serial, sizeof(serial), "%X", 0x1000 + i);
        assert_string_equal(bundle.certificates[i]->serial, serial);
    }
    assert_int_equal(bundle.has_key, has_key);
    assert_false(bundle.needs_password);
    assert_int_equal(ERR_peek_error(), 0);
    bundle_free(&bundle);
    free(data);
}

static void refused(const char *part) {
    size_t length;
    unsigned char *data = content(&length);
    struct bundle bundle = {0};
    struct error err = {0};

    assert_false(bundle_read(data, length, NULL, &bundle, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_int_equal(bundle.count, 0);
    assert_null(bundle.certificates);
    assert_int_equal(ERR_peek_error(), 0);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, err.text);
    free(data);
}

static void reads_der(void **state) {
    X509 *x509 = numbered(0);

    (void)state;
    assert_int_equal(i2d_X509_bio(file, x509), 1);
    X509_free(x509);
    holds(1, false);
    add_text("\n");
    refused("1 bytes follow");
}

static void reads_pem_with_text_around(void **state) {
    (void)state;
    add_text("Bag Attributes\n    friendlyName: one\n");
    add_pem(0);
    add_text("\r\n-----BEGIN NOTHING-----\r\naGVsbG8=\r\n-----END NOTHING-----\r\n");
    add_pem(1);
    add_pem(0);
    add_text("the end\n");
    holds(2, false);
}

static void leaves_keys_alone(void **state) {
    (void)state;
    add_pem(0);
    assert_int_equal(PEM_write_bio_PrivateKey(file, make_key("RSA-2048"), NULL, NULL, 0, NULL, NULL), 1);
    add_pem(1);
    holds(2, true);
}

/* The keys that come out, as the library encodes them too. */
static void gives_keys(unsigned count, unsigned keys, const char *kind) {
    size_t length;
    unsigned char *data = content(&length);
    struct bundle bundle = {0};
    struct error err = {0};

    if (!bundle_read_keys(data, length, NULL, &bundle, &err))
        fail_msg("%s", err.text);
    assert_int_equal(bundle.count, count);
    assert_int_equal(bundle.key_count, keys);
    assert_true(bundle.has_key);
    for (unsigned i = 0; i < keys; i++) {
        const unsigned char *at = (const unsigned char *)bundle.keys[i].value;
        EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)bundle.keys[i].length);

        assert_int_equal(EVP_PKEY_eq(key, make_key(kind)), 1);
        EVP_PKEY_free(key);
    }
    bundle_free(&bundle);
    free(data);
}

static void gives_keys_where_asked(void **state) {
    (void)state;
    add_pem(0);
    assert_int_equal(PEM_write_bio_PrivateKey(file, make_key("RSA-2048"), NULL, NULL, 0, NULL, NULL), 1);
    add_pem(1);
    gives_keys(2, 1, "RSA-2048");
    assert_int_equal(PEM_write_bio_PrivateKey(file, make_key("RSA-2048"), NULL, NULL, 0, NULL, NULL), 1);
    gives_keys(2, 2, "RSA-2048");
}

/* Encrypted ones, keys of other kinds and damaged ones are seen, and nothing more. */
static void leaves_other_keys(void **state) {
    (void)state;
    add_pem(0);
    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(file, make_key("RSA-2048"), EVP_aes_256_cbc(), "password", 8, NULL, NULL), 1);
    assert_int_equal(PEM_write_bio_PrivateKey(file, make_key("EC-256"), NULL, NULL, 0, NULL, NULL), 1);
    add_text("-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n");
    gives_keys(1, 0, NULL);
}

static void limits_keys(void **state) {
    struct bundle bundle = {0};
    struct error err = {0};
    unsigned char *data;
    size_t length;

    (void)state;
    add_pem(0);
    for (int i = 0; i <= BUNDLE_KEYS_MOST; i++)
        assert_int_equal(PEM_write_bio_PrivateKey(file, make_key("RSA-2048"), NULL, NULL, 0, NULL, NULL), 1);
    data = content(&length);
    assert_false(bundle_read_keys(data, length, NULL, &bundle, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_int_equal(bundle.key_count, 0);
    assert_null(bundle.keys);
    free(data);
}

static void says_that_there_is_only_a_key(void **state) {
    (void)state;
    assert_int_equal(PEM_write_bio_PrivateKey(file, make_key("RSA-2048"), NULL, NULL, 0, NULL, NULL), 1);
    refused("a private key, but no certificate");
    BIO_reset(file);
    assert_int_equal(i2d_PrivateKey_bio(file, make_key("RSA-2048")), 1);
    refused("a private key, but no certificate");
}

static void reads_pkcs7(void **state) {
    (void)state;
    add_pkcs7(3, false);
    holds(3, false);
    add_text("x");
    refused("1 bytes follow");
}

static void reads_pkcs7_in_pem(void **state) {
    (void)state;
    add_pkcs7(3, true);
    holds(3, false);
}

/* What `certutil -encode` of Windows makes of a P7B. */
static void reads_pkcs7_called_a_certificate(void **state) {
    PKCS7 *pkcs7 = make_pkcs7(2);
    unsigned char *der = NULL;
    int length = i2d_PKCS7(pkcs7, &der);

    (void)state;
    assert_true(length > 0);
    assert_true(PEM_write_bio(file, PEM_STRING_X509, "", der, length) > 0);
    holds(2, false);
    OPENSSL_free(der);
    PKCS7_free(pkcs7);
}

static void reads_openssl_trusted(void **state) {
    X509 *x509 = numbered(0);

    (void)state;
    assert_int_equal(X509_alias_set1(x509, (const unsigned char *)"alias", 5), 1);
    assert_int_equal(PEM_write_bio_X509_AUX(file, x509), 1);
    X509_free(x509);
    holds(1, false);
}

static void refuses_a_pkcs7_without_certificates(void **state) {
    PKCS7 *pkcs7 = PKCS7_new();

    (void)state;
    add_pkcs7(0, false);
    refused("no certificate");
    BIO_reset(file);
    assert_int_equal(PKCS7_set_type(pkcs7, NID_pkcs7_data), 1);
    assert_int_equal(ASN1_OCTET_STRING_set(pkcs7->d.data, (const unsigned char *)"x", 1), 1);
    assert_int_equal(i2d_PKCS7_bio(file, pkcs7), 1);
    refused("carries no certificates");
    PKCS7_free(pkcs7);
}

static void refuses_what_is_none_of_these(void **state) {
    static const char *const texts[] = {"hello", "MIIB", "\xff\xfe-\0-", "\x30\x03\x0c\x01x", "\x31\x02\x02\x00"};

    (void)state;
    refused("is empty");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        BIO_reset(file);
        add_text(texts[i]);
        refused("neither a certificate");
    }
    BIO_reset(file);
    add_text("-----BEGIN NOTHING-----\naGVsbG8=\n-----END NOTHING-----\n");
    refused("no certificate");
}

static void refuses_damage(void **state) {
    size_t length;
    unsigned char *whole;

    (void)state;
    add_pem(0);
    add_pem(1);
    whole = content(&length);
    BIO_reset(file);
    assert_int_equal(BIO_write(file, whole, (int)(length - 40)), (int)(length - 40));
    refused("a PEM block behind 1 certificates");
    BIO_reset(file);
    whole[200] = '!';
    assert_int_equal(BIO_write(file, whole, (int)length), (int)length);
    refused("a PEM block behind 0 certificates");
    free(whole);
    BIO_reset(file);
    add_text("-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n");
    refused("private key");
    BIO_reset(file);
    add_text("-----BEGIN CERTIFICATE-----\nMAUwAwIBAA==\n-----END CERTIFICATE-----\n");
    refused("certificate 1 of the file");
}

static void survives_every_cut_of_a_pkcs7(void **state) {
    size_t length;
    unsigned char *whole;

    (void)state;
    add_pkcs7(2, false);
    whole = content(&length);
    for (size_t cut = 1; cut < length; cut++) {
        BIO_reset(file);
        assert_int_equal(BIO_write(file, whole, (int)cut), (int)cut);
        refused("");
    }
    free(whole);
}

static void has_limits(void **state) {
    unsigned char *large = calloc(1, BUNDLE_FILE_MOST + 1);

    (void)state;
    assert_non_null(large);
    for (unsigned i = 0; i < BUNDLE_MOST; i++)
        add_pem(i);
    add_pem(0);
    holds(BUNDLE_MOST, false);
    add_pem(BUNDLE_MOST);
    refused("more than 64 certificates");
    BIO_reset(file);
    assert_int_equal(BIO_write(file, large, BUNDLE_FILE_MOST + 1), BUNDLE_FILE_MOST + 1);
    refused("more than 1048576 are not read");
    free(large);
}

#define WITH_FILE(test) cmocka_unit_test_setup_teardown(test, make, clean)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_FILE(reads_der),
        WITH_FILE(reads_pem_with_text_around),
        WITH_FILE(leaves_keys_alone),
        WITH_FILE(gives_keys_where_asked),
        WITH_FILE(leaves_other_keys),
        WITH_FILE(limits_keys),
        WITH_FILE(says_that_there_is_only_a_key),
        WITH_FILE(reads_pkcs7),
        WITH_FILE(reads_pkcs7_in_pem),
        WITH_FILE(reads_pkcs7_called_a_certificate),
        WITH_FILE(reads_openssl_trusted),
        WITH_FILE(refuses_a_pkcs7_without_certificates),
        WITH_FILE(refuses_what_is_none_of_these),
        WITH_FILE(refuses_damage),
        WITH_FILE(survives_every_cut_of_a_pkcs7),
        WITH_FILE(has_limits),
    };

    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
