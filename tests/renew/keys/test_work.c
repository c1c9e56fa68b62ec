#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "renew/keys/key_file.h"
#include "renew/keys/work.h"
#include "tests/core/make_certificate.h"

static struct secret password = {.value = (char[]){"correct horse battery staple"}, .length = 28};

static X509_ALGOR *stretched(int rounds) {
    return PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), rounds, NULL, 0, NULL, NID_hmacWithSHA256);
}

static void check(X509_ALGOR *algorithm, bool allowed) {
    assert_non_null(algorithm);
    assert_int_equal(work_allowed(algorithm), allowed);
    X509_ALGOR_free(algorithm);
}

static void allows_some_seconds(void **state) {
    (void)state;
    check(stretched(2048), true);
    check(stretched(WORK_ROUNDS_MOST), true);
    check(stretched(WORK_ROUNDS_MOST + 1), false);
    check(stretched(INT32_MAX), false);
    check(PKCS5_pbe_set(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 2000, NULL, 8), true);
    check(PKCS5_pbe_set(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, INT32_MAX, NULL, 8), false);
    check(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL, 16384, 8, 1), true);
}

/* Parallelization is work too: memory for so much scrypt would be given, and the password tried for an hour. */
static void scrypt_has_an_end(void **state) {
    SCRYPT_PARAMS *scrypt;
    PBE2PARAM *pbes2;
    X509_ALGOR *algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL, 16384, 8, 1);
    const void *parameters = NULL;
    int type;

    (void)state;
    X509_ALGOR_get0(NULL, &type, &parameters, algorithm);
    pbes2 = ASN1_item_unpack(parameters, ASN1_ITEM_rptr(PBE2PARAM));
    assert_non_null(pbes2);
    scrypt = ASN1_item_unpack(pbes2->keyfunc->parameter->value.sequence, ASN1_ITEM_rptr(SCRYPT_PARAMS));
    assert_non_null(scrypt);
    assert_int_equal(ASN1_INTEGER_set_int64(scrypt->parallelizationParameter, 15000), 1);
    assert_non_null(ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(SCRYPT_PARAMS), scrypt, &pbes2->keyfunc->parameter));
    assert_non_null(ASN1_TYPE_pack_sequence(ASN1_ITEM_rptr(PBE2PARAM), pbes2, &algorithm->parameter));
    SCRYPT_PARAMS_free(scrypt);
    PBE2PARAM_free(pbes2);
    check(algorithm, false);
}

/* A file that would keep the password busy for hours is refused before it is tried. */
static void key_files_too(void **state) {
    struct recipe recipe = recipe_good();
    struct key_file file = {.certificate = make_certificate(&recipe), .encrypted = true};
    struct keypair pair = {0};
    struct error err = {0};
    X509_SIG *sealed = X509_SIG_new();
    X509_ALGOR *inner = NULL;
    X509_ALGOR *algorithm = stretched(INT32_MAX);
    ASN1_OCTET_STRING *content = NULL;
    unsigned char *der = NULL;
    int length;

    (void)state;
    X509_SIG_getm(sealed, &inner, &content);
    assert_int_equal(X509_ALGOR_copy(inner, algorithm), 1);
    assert_int_equal(ASN1_OCTET_STRING_set(content, (const unsigned char *)"0123456789abcdef", 16), 1);
    length = i2d_X509_SIG(sealed, &der);
    file.key = (struct secret){.value = (char *)der, .length = (size_t)length};
    assert_false(key_file_open(&file, &password, &pair, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_non_null(strstr(err.text, "so much work"));
    OPENSSL_free(der);
    X509_ALGOR_free(algorithm);
    X509_SIG_free(sealed);
    certificate_free(file.certificate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_some_seconds),
        cmocka_unit_test(scrypt_has_an_end),
        cmocka_unit_test(key_files_too),
    };

    return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
