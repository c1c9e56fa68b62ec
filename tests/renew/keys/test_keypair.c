#include "renew/keys/keypair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "tests/core/make_certificate.h"

#define NOW 1795219200 /* 2026-11-21T00:00:00Z */
#define FIVE_YEARS ((struct span){.years = 5})

int __real_RAND_bytes(unsigned char *octets, int count);
int __wrap_RAND_bytes(unsigned char *octets, int count);

/* What the generator of random numbers does: -1 works, 0 fails, 1 gives zeros, 2 gives ones. */
static int random_does = -1;

int __wrap_RAND_bytes(unsigned char *octets, int count) {
    if (random_does < 0)
        return __real_RAND_bytes(octets, count);
    memset(octets, random_does == 2 ? 0xff : 0, (size_t)count);
    return random_does == 0 ? 0 : 1;
}

static struct keypair good;

static int make_good(void **state) {
    struct error err = {0};

    (void)state;
    if (!keypair_make(2048, FIVE_YEARS, NOW, &good, &err))
        fail_msg("%s", err.text);
    return 0;
}

static int free_good(void **state) {
    (void)state;
    keypair_free(&good);
    assert_null(good.certificate);
    assert_null(good.key.value);
    return 0;
}

static X509 *decoded(const struct keypair *pair) {
    const unsigned char *der = pair->certificate->der;
    X509 *x509 = d2i_X509(NULL, &der, (long)pair->certificate->der_length);

    assert_non_null(x509);
    assert_ptr_equal(der, pair->certificate->der + pair->certificate->der_length);
    return x509;
}

static EVP_PKEY *decoded_key(const struct keypair *pair) {
    const unsigned char *der = (const unsigned char *)pair->key.value;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &der, (long)pair->key.length);

    assert_non_null(key);
    assert_ptr_equal(der, pair->key.value + pair->key.length);
    return key;
}

static void has_no_problem(void **state) {
    struct strings problems = {0};

    (void)state;
    certificate_problems(good.certificate, NOW, &problems);
    for (size_t i = 0; i < problems.count; i++)
        print_error("%s\n", problems.items[i]);
    assert_int_equal(problems.count, 0);
    assert_true(certificate_usable(good.certificate, NOW));
    assert_true(certificate_usable(good.certificate, NOW - 3600)); /* a server whose clock is behind */
    strings_free(&problems);
}

static void has_the_profile(void **state) {
    X509 *x509 = decoded(&good);
    const X509_NAME *subject = X509_get_subject_name(x509);
    char name[128];

    (void)state;
    assert_int_equal(X509_get_version(x509), X509_VERSION_3);
    assert_int_equal(X509_NAME_entry_count(subject), 1);
    assert_int_equal(X509_NAME_get_text_by_NID(X509_get_subject_name(x509), NID_commonName, name, sizeof(name)),
                     strlen(MADE_NAME));
    assert_string_equal(name, MADE_NAME);
    assert_int_equal(X509_NAME_cmp(subject, X509_get_issuer_name(x509)), 0);
    assert_string_equal(good.certificate->key, "RSA 2048");
    assert_string_equal(good.certificate->signature, "sha256WithRSAEncryption");
    assert_int_equal(X509_verify(x509, X509_get0_pubkey(x509)), 1);
    X509_free(x509);
}

static void has_the_three_extensions(void **state) {
    X509 *x509 = decoded(&good);
    int critical = -1;
    ASN1_BIT_STRING *usage = X509_get_ext_d2i(x509, NID_key_usage, &critical, NULL);
    EXTENDED_KEY_USAGE *extended;
    BASIC_CONSTRAINTS *constraints;

    (void)state;
    assert_int_equal(X509_get_ext_count(x509), 3);
    assert_non_null(usage);
    assert_int_equal(critical, 1);
    assert_int_equal(usage->length, 1);
    assert_int_equal(usage->data[0], 0xa0);
    extended = X509_get_ext_d2i(x509, NID_ext_key_usage, &critical, NULL);
    assert_int_equal(critical, 0);
    assert_int_equal(sk_ASN1_OBJECT_num(extended), 1);
    assert_int_equal(OBJ_obj2nid(sk_ASN1_OBJECT_value(extended, 0)), NID_server_auth);
    constraints = X509_get_ext_d2i(x509, NID_basic_constraints, &critical, NULL);
    assert_non_null(constraints);
    assert_int_equal(critical, 1);
    assert_int_equal(constraints->ca, 0);
    assert_null(constraints->pathlen);
    ASN1_BIT_STRING_free(usage);
    EXTENDED_KEY_USAGE_free(extended);
    BASIC_CONSTRAINTS_free(constraints);
    X509_free(x509);
}

static void has_the_key_of_the_certificate(void **state) {
    EVP_PKEY *key = decoded_key(&good);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    X509 *x509 = decoded(&good);
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    BIGNUM *exponent = NULL;
    unsigned char *der = NULL;
    int length;
    struct error err = {0};

    (void)state;
    assert_true(keypair_matches(&good, &err));
    assert_int_equal(X509_check_private_key(x509, key), 1);
    assert_int_equal(EVP_PKEY_check(context), 1); /* primes and all */
    assert_int_equal(EVP_PKEY_get_bn_param(key, "e", &exponent), 1);
    assert_true(BN_is_word(exponent, 65537));
    /* Byte for byte what OpenSSL's own encoder makes of it. */
    length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    assert_int_equal(length, good.key.length);
    assert_memory_equal(der, good.key.value, good.key.length);
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    BN_free(exponent);
    X509_free(x509);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
}

static void lives_as_long_as_told(struct span lifetime, const char *now, const char *not_before,
                                  const char *not_after) {
    struct keypair pair = {0};
    struct error err = {0};
    char at[TIME_TEXT_SIZE];
    time_t instant;

    assert_true(time_parse_rfc3339(now, &instant, &err));
    assert_true(keypair_make(2048, lifetime, instant, &pair, &err));
    assert_string_equal(time_format_rfc3339(at, pair.certificate->not_before), not_before);
    assert_string_equal(time_format_rfc3339(at, pair.certificate->not_after), not_after);
    keypair_free(&pair);
}

static void lifetimes(void **state) {
    (void)state;
    /* NotBefore lies a day back: servers ahead of UTC would refuse what began just now. */
    lives_as_long_as_told(FIVE_YEARS, "2026-11-21T02:00:00Z", "2026-11-20T02:00:00Z", "2031-11-20T02:00:00Z");
    lives_as_long_as_told(FIVE_YEARS, "2028-03-01T12:00:00Z", "2028-02-29T12:00:00Z", "2033-02-28T12:00:00Z");
    lives_as_long_as_told((struct span){.years = 4}, "2028-03-01T12:00:00Z", "2028-02-29T12:00:00Z",
                          "2032-02-29T12:00:00Z");
    lives_as_long_as_told((struct span){.seconds = 365 * SECONDS_PER_DAY}, "2027-06-02T00:00:00Z",
                          "2027-06-01T00:00:00Z", "2028-05-31T00:00:00Z");
    /* From 2050 on a date is a GeneralizedTime (RFC 5280 4.1.2.5). */
    lives_as_long_as_told(FIVE_YEARS, "2047-01-02T00:00:00Z", "2047-01-01T00:00:00Z", "2052-01-01T00:00:00Z");
}

static void larger_keys(void **state) {
    struct keypair pair = {0};
    struct error err = {0};

    (void)state;
    assert_true(keypair_make(3072, FIVE_YEARS, NOW, &pair, &err));
    assert_string_equal(pair.certificate->key, "RSA 3072");
    assert_true(keypair_matches(&pair, &err));
    keypair_free(&pair);
}

static void fails(int bits, struct span lifetime) {
    struct keypair pair = {.key = {.length = 77}};
    struct error err = {0};

    assert_false(keypair_make(bits, lifetime, NOW, &pair, &err));
    assert_int_equal(err.kind, ERROR_CRYPTO);
    assert_true(strlen(err.text) > 20);
    assert_null(pair.certificate);
    assert_int_equal(pair.key.length, 77);
    assert_int_equal(ERR_peek_error(), 0);
}

static void refuses_what_cannot_be(void **state) {
    (void)state;
    fails(1024, FIVE_YEARS);
    fails(-1, FIVE_YEARS);
    fails(1 << 20, FIVE_YEARS);
    fails(2048, (struct span){.years = 9000}); /* no certificate can name that year */
    fails(2048, (struct span){0});
}

static void serials_are_random_and_positive(void **state) {
    struct keypair other = {0};
    struct error err = {0};

    (void)state;
    assert_true(strlen(good.certificate->serial) > 16);
    assert_true(good.certificate->serial[0] != '-');
    /* With all 128 bits set it is still positive: an octet of zeros goes before. */
    random_does = 2;
    assert_true(keypair_make(2048, FIVE_YEARS, NOW, &other, &err));
    random_does = -1;
    assert_non_null(strstr(other.certificate->serial, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"));
    assert_true(other.certificate->serial[0] != '-');
    assert_int_equal(other.certificate->problems.count, 0);
    assert_string_not_equal(other.certificate->serial, good.certificate->serial);
    keypair_free(&other);
}

static void does_without_no_random_numbers(void **state) {
    (void)state;
    random_does = 0;
    fails(2048, FIVE_YEARS);
    random_does = 1;
    fails(2048, FIVE_YEARS);
    random_does = -1;
}

static void mismatch(const struct keypair *pair, const char *part) {
    struct error err = {0};

    assert_false(keypair_matches(pair, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    if (strstr(err.text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, err.text);
}

static void another_key_does_not_match(void **state) {
    struct recipe recipe = recipe_good();
    struct keypair pair = {0};
    EVP_PKEY *curve = EVP_EC_gen("P-256");
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(curve);
    unsigned char *der = NULL;
    size_t length;

    (void)state;
    pair.certificate = make_certificate(&recipe);
    pair.key = good.key;
    mismatch(&pair, "is not that of");
    certificate_free(pair.certificate);

    pair.certificate = good.certificate;
    pair.key = (struct secret){0};
    mismatch(&pair, "no RSA key");
    length = (size_t)i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    pair.key = (struct secret){(char *)der, length};
    mismatch(&pair, "no RSA key");
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(curve);
}

/* Every octet of the key matters: only a change that is not in the private numbers may pass unnoticed, and there is
 * none, for the algorithm's NULL and the version are all that is left. */
static void a_damaged_key_does_not_match(void **state) {
    struct keypair pair = {.certificate = good.certificate};
    struct error err = {0};
    size_t passed = 0;

    (void)state;
    assert_true(secret_copy(good.key.value, good.key.length, &pair.key, &err));
    for (size_t i = 0; i < pair.key.length; i++) {
        pair.key.value[i] ^= 0x10;
        if (keypair_matches(&pair, &err))
            passed++;
        else
            assert_int_equal(err.kind, ERROR_DATA);
        pair.key.value[i] ^= 0x10;
    }
    assert_true(passed <= 2);
    for (size_t cut = 0; cut < pair.key.length; cut += 97) {
        struct keypair shorter = {.certificate = good.certificate, .key = {pair.key.value, cut}};

        assert_false(keypair_matches(&shorter, &err));
    }
    assert_true(keypair_matches(&pair, &err));
    secret_free(&pair.key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_no_problem),
        cmocka_unit_test(has_the_profile),
        cmocka_unit_test(has_the_three_extensions),
        cmocka_unit_test(has_the_key_of_the_certificate),
        cmocka_unit_test(lifetimes),
        cmocka_unit_test(larger_keys),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(serials_are_random_and_positive),
        cmocka_unit_test(does_without_no_random_numbers),
        cmocka_unit_test(another_key_does_not_match),
        cmocka_unit_test(a_damaged_key_does_not_match),
    };

    return cmocka_run_group_tests_name("keypair", tests, make_good, free_good);
}
