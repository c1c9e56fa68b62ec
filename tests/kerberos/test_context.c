#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "kerberos/context.h"
#include "tests/core/make_certificate.h"

#define TYPE "tls-server-end-point:"

/* The binding of a certificate signed with this digest carries the certificate's own digest of that kind. */
static void assert_binding(const char *key, const char *signed_with, const EVP_MD *expected) {
    struct recipe recipe = recipe_good();
    unsigned char binding[CONTEXT_BINDING_SIZE];
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    unsigned char *der;
    size_t length;

    recipe.key = key;
    recipe.digest = signed_with;
    der = make_der(&recipe, &length);
    assert_int_equal(EVP_Digest(der, length, digest, &size, expected, NULL), 1);
    assert_int_equal(context_binding(der, length, binding), strlen(TYPE) + size);
    assert_memory_equal(binding, TYPE, strlen(TYPE));
    assert_memory_equal(binding + strlen(TYPE), digest, size);
    OPENSSL_free(der);
}

static void takes_the_signatures_digest(void **state) {
    (void)state;
    assert_binding("RSA-2048", "SHA256", EVP_sha256());
    assert_binding("RSA-2048", "SHA384", EVP_sha384());
    assert_binding("EC-256", "SHA512", EVP_sha512());
    assert_binding("RSA-PSS-2048", "SHA512", EVP_sha512());
}

static void takes_no_weak_one(void **state) {
    (void)state;
    assert_binding("RSA-2048", "SHA1", EVP_sha256());
    assert_binding("RSA-2048", "MD5", EVP_sha256());
}

static void knows_when_there_is_none(void **state) {
    struct recipe recipe = recipe_good();
    unsigned char binding[CONTEXT_BINDING_SIZE];
    unsigned char *der;
    size_t length;

    (void)state;
    assert_int_equal(context_binding("", 0, binding), 0);
    assert_int_equal(context_binding("no certificate", 14, binding), 0);
    recipe.key = "ED25519";
    recipe.digest = NULL;
    der = make_der(&recipe, &length);
    assert_int_equal(context_binding(der, length, binding), 0);
    OPENSSL_free(der);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_signatures_digest),
        cmocka_unit_test(takes_no_weak_one),
        cmocka_unit_test(knows_when_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
