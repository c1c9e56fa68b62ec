#include "renew/keys/pfx_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "renew/keys/pfx.h"

#define NOW 1795219200 /* 2026-11-21T00:00:00Z */
#define PASSWORD "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAME "Microsoft Exchange Server Auth Certificate - 20261121000000"

int __real_RAND_priv_bytes(unsigned char *octets, int count);
int __wrap_RAND_priv_bytes(unsigned char *octets, int count);
int __real_PKCS12_set_mac(PKCS12 *pfx, const char *password, int length, unsigned char *salt, int salt_length,
                          int rounds, const EVP_MD *digest);
int __wrap_PKCS12_set_mac(PKCS12 *pfx, const char *password, int length, unsigned char *salt, int salt_length,
                          int rounds, const EVP_MD *digest);

static bool random_fails;
static bool mac_fails;

int __wrap_RAND_priv_bytes(unsigned char *octets, int count) {
    return random_fails ? 0 : __real_RAND_priv_bytes(octets, count);
}

int __wrap_PKCS12_set_mac(PKCS12 *pfx, const char *password, int length, unsigned char *salt, int salt_length,
                          int rounds, const EVP_MD *digest) {
    if (mac_fails)
        return 0;
    return __real_PKCS12_set_mac(pfx, password, length, salt, salt_length, rounds, digest);
}

static struct keypair pair;
static struct secret password;

static int make(void **state) {
    struct error err = {0};

    (void)state;
    assert_true(keypair_make(2048, (struct span){.years = 5}, NOW, &pair, &err));
    assert_true(secret_copy(PASSWORD, strlen(PASSWORD), &password, &err));
    return 0;
}

static int clean(void **state) {
    (void)state;
    keypair_free(&pair);
    secret_free(&password);
    return 0;
}

static PKCS12 *written(enum pfx_form form) {
    struct secret pfx = {0};
    struct error err = {0};
    const unsigned char *der;
    PKCS12 *decoded;

    if (!pfx_write(&pair, &password, form, NOW, &pfx, &err))
        fail_msg("%s", err.text);
    assert_true(pfx.length <= PFX_MOST);
    der = (const unsigned char *)pfx.value;
    decoded = d2i_PKCS12(NULL, &der, (long)pfx.length);
    assert_non_null(decoded);
    assert_ptr_equal(der, pfx.value + pfx.length);
    secret_free(&pfx);
    return decoded;
}

static void holds_the_pair(enum pfx_form form) {
    PKCS12 *pfx = written(form);
    EVP_PKEY *key = NULL;
    X509 *x509 = NULL;
    STACK_OF(X509) *others = NULL;
    unsigned char *der = NULL;

    assert_int_equal(PKCS12_verify_mac(pfx, "another", -1), 0);
    assert_int_equal(PKCS12_parse(pfx, PASSWORD, &key, &x509, &others), 1);
    assert_int_equal(sk_X509_num(others), -1);
    assert_int_equal(X509_check_private_key(x509, key), 1);
    assert_int_equal(i2d_X509(x509, &der), pair.certificate->der_length);
    assert_memory_equal(der, pair.certificate->der, pair.certificate->der_length);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    X509_free(x509);
    PKCS12_free(pfx);
}

static void both_hold_the_pair(void **state) {
    (void)state;
    holds_the_pair(PFX_LEGACY);
    holds_the_pair(PFX_MODERN);
}

/* The OID of an encryption: of the PBE, or, for PBES2, of its cipher. */
static int cipher_of(const X509_ALGOR *algorithm, int *ret_function, int *ret_random) {
    const ASN1_OBJECT *object;
    const void *parameter;
    int type;
    int nid;

    X509_ALGOR_get0(&object, &type, &parameter, algorithm);
    nid = OBJ_obj2nid(object);
    *ret_function = NID_undef;
    *ret_random = NID_undef;
    if (nid == NID_pbes2) {
        PBE2PARAM *pbes2 = ASN1_item_unpack(parameter, ASN1_ITEM_rptr(PBE2PARAM));
        PBKDF2PARAM *stretch;

        assert_non_null(pbes2);
        nid = OBJ_obj2nid(pbes2->encryption->algorithm);
        *ret_function = OBJ_obj2nid(pbes2->keyfunc->algorithm);
        stretch = ASN1_item_unpack(pbes2->keyfunc->parameter->value.sequence, ASN1_ITEM_rptr(PBKDF2PARAM));
        assert_non_null(stretch);
        *ret_random = OBJ_obj2nid(stretch->prf->algorithm);
        PBKDF2PARAM_free(stretch);
        PBE2PARAM_free(pbes2);
    }
    return nid;
}

static void is_protected_with(enum pfx_form form, int cipher, int function, int random, int digest) {
    PKCS12 *pfx = written(form);
    const ASN1_INTEGER *rounds;
    const X509_ALGOR *algorithm;
    const ASN1_OBJECT *object;
    const X509_SIG *sealed;
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(pfx);
    STACK_OF(PKCS12_SAFEBAG) * bags;
    int seen_function;
    int seen_random;

    PKCS12_get0_mac(NULL, &algorithm, NULL, &rounds, pfx);
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    assert_int_equal(OBJ_obj2nid(object), digest);
    assert_true(ASN1_INTEGER_get(rounds) >= 2000);
    assert_int_equal(sk_PKCS7_num(safes), 2);
    assert_true(PKCS7_type_is_data(sk_PKCS7_value(safes, 0)));
    bags = PKCS12_unpack_p7data(sk_PKCS7_value(safes, 0));
    assert_int_equal(sk_PKCS12_SAFEBAG_num(bags), 1);
    assert_int_equal(PKCS12_SAFEBAG_get_nid(sk_PKCS12_SAFEBAG_value(bags, 0)), NID_pkcs8ShroudedKeyBag);
    sealed = PKCS12_SAFEBAG_get0_pkcs8(sk_PKCS12_SAFEBAG_value(bags, 0));
    X509_SIG_get0(sealed, &algorithm, NULL);
    assert_int_equal(cipher_of(algorithm, &seen_function, &seen_random), cipher);
    assert_int_equal(seen_function, function);
    assert_int_equal(seen_random, random);
    assert_true(PKCS7_type_is_encrypted(sk_PKCS7_value(safes, 1)));
    assert_int_equal(
        cipher_of(sk_PKCS7_value(safes, 1)->d.encrypted->enc_data->algorithm, &seen_function, &seen_random), cipher);
    assert_int_equal(seen_random, random);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    PKCS12_free(pfx);
}

static void each_has_its_protection(void **state) {
    (void)state;
    is_protected_with(PFX_LEGACY, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_undef, NID_undef, NID_sha1);
    is_protected_with(PFX_MODERN, NID_aes_256_cbc, NID_id_pbkdf2, NID_hmacWithSHA256, NID_sha256);
}

/* The whole attribute as DER. */
static void has_attribute(const PKCS12_SAFEBAG *bag, const char *oid, const void *expected, size_t length) {
    const STACK_OF(X509_ATTRIBUTE) *attributes = PKCS12_SAFEBAG_get0_attrs(bag);
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    int index = X509at_get_attr_by_OBJ(attributes, object, -1);
    unsigned char *der = NULL;

    if (index < 0)
        fail_msg("no attribute %s", oid);
    assert_int_equal(i2d_X509_ATTRIBUTE(X509at_get_attr(attributes, index), &der), length);
    assert_memory_equal(der, expected, length);
    OPENSSL_free(der);
    ASN1_OBJECT_free(object);
}

static void is_named(PKCS12_SAFEBAG *bag) {
    const ASN1_TYPE *id = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
    char *name = PKCS12_get_friendlyname(bag);
    char hex[2 * EVP_MAX_MD_SIZE + 1];

    assert_string_equal(name, NAME);
    OPENSSL_free(name);
    assert_non_null(id);
    assert_int_equal(id->value.octet_string->length, 20);
    assert_int_equal(OPENSSL_buf2hexstr_ex(hex, sizeof(hex), NULL, id->value.octet_string->data, 20, '\0'), 1);
    assert_string_equal(hex, pair.certificate->thumbprint);
}

/* AT_KEYEXCHANGE stands in the PKCS #8: a bit string with the octet 0x10. */
static void is_for_key_exchange(const PKCS12_SAFEBAG *bag) {
    PKCS8_PRIV_KEY_INFO *info = PKCS12_decrypt_skey(bag, PASSWORD, -1);
    const STACK_OF(X509_ATTRIBUTE) *attributes = PKCS8_pkey_get0_attrs(info);
    X509_ATTRIBUTE *usage = X509at_get_attr(attributes, X509at_get_attr_by_NID(attributes, NID_key_usage, -1));
    const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(usage, 0);

    assert_int_equal(X509_ATTRIBUTE_count(usage), 1);
    assert_int_equal(ASN1_TYPE_get(value), V_ASN1_BIT_STRING);
    assert_int_equal(value->value.bit_string->length, 1);
    assert_int_equal(value->value.bit_string->data[0], 0x10);
    PKCS8_PRIV_KEY_INFO_free(info);
}

static void windows_finds_its_attributes(void **state) {
    static const unsigned char key_set[] = {0x30, 0x0d, 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04,
                                            0x01, 0x82, 0x37, 0x11, 0x02, 0x31, 0x00};
    static const char provider[] = "Microsoft Enhanced RSA and AES Cryptographic Provider";
    unsigned char csp[15 + 2 + 2 * (sizeof(provider) - 1)] = {0x30, 0x79, 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01,
                                                              0x82, 0x37, 0x11, 0x01, 0x31, 0x6c, 0x1e, 0x6a};

    (void)state;
    for (size_t i = 0; i < sizeof(provider) - 1; i++)
        csp[17 + 2 * i + 1] = (unsigned char)provider[i];
    for (enum pfx_form form = PFX_LEGACY; form <= PFX_MODERN; form++) {
        PKCS12 *pfx = written(form);
        STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(pfx);
        STACK_OF(PKCS12_SAFEBAG) *keys = PKCS12_unpack_p7data(sk_PKCS7_value(safes, 0));
        STACK_OF(PKCS12_SAFEBAG) *certificates = PKCS12_unpack_p7encdata(sk_PKCS7_value(safes, 1), PASSWORD, -1);

        is_named(sk_PKCS12_SAFEBAG_value(keys, 0));
        has_attribute(sk_PKCS12_SAFEBAG_value(keys, 0), "1.3.6.1.4.1.311.17.2", key_set, sizeof(key_set));
        has_attribute(sk_PKCS12_SAFEBAG_value(keys, 0), "1.3.6.1.4.1.311.17.1", csp, sizeof(csp));
        is_for_key_exchange(sk_PKCS12_SAFEBAG_value(keys, 0));
        assert_int_equal(sk_PKCS12_SAFEBAG_num(certificates), 1);
        is_named(sk_PKCS12_SAFEBAG_value(certificates, 0));
        sk_PKCS12_SAFEBAG_pop_free(certificates, PKCS12_SAFEBAG_free);
        sk_PKCS12_SAFEBAG_pop_free(keys, PKCS12_SAFEBAG_free);
        sk_PKCS7_pop_free(safes, PKCS7_free);
        PKCS12_free(pfx);
    }
}

static void no_two_are_alike(void **state) {
    struct secret first = {0};
    struct secret second = {0};
    struct error err = {0};

    (void)state;
    assert_true(pfx_write(&pair, &password, PFX_LEGACY, NOW, &first, &err));
    assert_true(pfx_write(&pair, &password, PFX_LEGACY, NOW, &second, &err));
    assert_true(first.length != second.length || memcmp(first.value, second.value, first.length) != 0);
    secret_free(&first);
    secret_free(&second);
}

static void import_reads_it(void **state) {
    struct secret der = {0};
    struct pfx pfx = {0};
    struct error err = {0};
    bool needs_password = false;

    (void)state;
    for (enum pfx_form form = PFX_LEGACY; form <= PFX_MODERN; form++) {
        assert_true(pfx_write(&pair, &password, form, NOW, &der, &err));
        assert_true(
            pfx_read((const unsigned char *)der.value, der.length, &password, true, &pfx, &needs_password, &err));
        assert_true(pfx.has_key);
        assert_int_equal(pfx.key_count, 1);
        assert_int_equal(pfx.keys[0].length, pair.key.length);
        assert_memory_equal(pfx.keys[0].value, pair.key.value, pair.key.length);
        secret_free(&pfx.keys[0]);
        assert_int_equal(sk_X509_num(pfx.certificates), 1);
        sk_X509_pop_free(pfx.certificates, X509_free);
        secret_free(&der);
    }
}

static void fails(const struct secret *with, enum error_kind kind) {
    struct secret pfx = {.length = 77};
    struct error err = {0};

    assert_false(pfx_write(&pair, with, PFX_LEGACY, NOW, &pfx, &err));
    assert_int_equal(err.kind, kind);
    assert_null(strstr(err.text, PASSWORD));
    assert_null(pfx.value);
    assert_int_equal(pfx.length, 77);
    assert_int_equal(ERR_peek_error(), 0);
}

static void fails_cleanly(void **state) {
    struct secret empty = {"", 0};
    char *first = pair.key.value;

    (void)state;
    fails(NULL, ERROR_BUG);
    fails(&empty, ERROR_BUG);
    mac_fails = true;
    fails(&password, ERROR_CRYPTO);
    mac_fails = false;
    first[0] ^= 1;
    fails(&password, ERROR_CRYPTO);
    first[0] ^= 1;
}

static void passwords_are_random(void **state) {
    struct secret first = {0};
    struct secret second = {0};
    struct error err = {0};
    unsigned seen = 0;

    (void)state;
    for (int i = 0; i < 100; i++) {
        static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

        secret_free(&second);
        second = first;
        first = (struct secret){0};
        assert_true(pfx_random_password(&first, &err));
        assert_int_equal(first.length, 26);
        assert_int_equal(strspn(first.value, alphabet), 26);
        for (size_t j = 0; j < 26; j++)
            seen |= 1U << (strchr(alphabet, first.value[j]) - alphabet);
        if (second.value != NULL)
            assert_string_not_equal(first.value, second.value);
    }
    assert_int_equal(seen, 0xffffffff);
    secret_free(&first);
    secret_free(&second);
    random_fails = true;
    assert_false(pfx_random_password(&first, &err));
    random_fails = false;
    assert_int_equal(err.kind, ERROR_CRYPTO);
    assert_null(first.value);
}

/* The largest that is configured. */
static void larger_keys_fit(void **state) {
    struct keypair larger = {0};
    struct secret pfx = {0};
    struct error err = {0};

    (void)state;
    assert_true(keypair_make(4096, (struct span){.years = 5}, NOW, &larger, &err));
    for (enum pfx_form form = PFX_LEGACY; form <= PFX_MODERN; form++) {
        assert_true(pfx_write(&larger, &password, form, NOW, &pfx, &err));
        assert_true(pfx.length > 4000 && pfx.length < PFX_MOST);
        secret_free(&pfx);
    }
    keypair_free(&larger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_hold_the_pair),
        cmocka_unit_test(each_has_its_protection),
        cmocka_unit_test(windows_finds_its_attributes),
        cmocka_unit_test(no_two_are_alike),
        cmocka_unit_test(import_reads_it),
        cmocka_unit_test(fails_cleanly),
        cmocka_unit_test(passwords_are_random),
        cmocka_unit_test(larger_keys_fit),
    };

    return cmocka_run_group_tests_name("pfx_write", tests, make, clean);
}
