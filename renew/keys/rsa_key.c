#include "renew/keys/rsa_key.h"

#include <limits.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>

#define STACK_WIPED 32768 /* bytes: more than RSA operations of OpenSSL use */

/* The integers of an RSAPrivateKey (RFC 8017 A.1.2), in their order. */
enum rsa_part { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_PARTS };

static const char *const part_names[RSA_PARTS] = {
    [RSA_N] = OSSL_PKEY_PARAM_RSA_N,          [RSA_E] = OSSL_PKEY_PARAM_RSA_E,
    [RSA_D] = OSSL_PKEY_PARAM_RSA_D,          [RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,    [RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2, [RSA_QI] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

bool rsa_key_encode(const EVP_PKEY *key, struct secret *ret_der, struct error *err) {
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    unsigned char *der = NULL;
    int length = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    bool done = length > 0 ? secret_copy(der, (size_t)length, ret_der, err)
                           : error_openssl(err, ERROR_CRYPTO, "encoding a private key failed");

    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    return done;
}

/* OpenSSL passes over what the version says, and over what follows the numbers. Version 0, of two primes, stands behind
 * a header of four octets in all but toys. */
static bool is_plain(const EVP_PKEY *key, const PKCS8_PRIV_KEY_INFO *info) {
    static const unsigned char version[] = {V_ASN1_INTEGER, 1, 0};
    const unsigned char *numbers = NULL;
    int length = 0;

    return EVP_PKEY_is_a(key, "RSA") == 1 && PKCS8_pkey_get0(NULL, &numbers, &length, NULL, info) == 1 &&
           length > 4 + (int)sizeof(version) && memcmp(numbers + 4, version, sizeof(version)) == 0 &&
           i2d_PrivateKey(key, NULL) == length;
}

EVP_PKEY *rsa_key_decode(const void *der, size_t length) {
    const unsigned char *end = der;
    PKCS8_PRIV_KEY_INFO *info =
        der != NULL && length <= LONG_MAX ? d2i_PKCS8_PRIV_KEY_INFO(NULL, &end, (long)length) : NULL;
    EVP_PKEY *key = info != NULL && end == (const unsigned char *)der + length ? EVP_PKCS82PKEY(info) : NULL;

    if (key != NULL && !is_plain(key, info)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return key;
}

/* left * right = 1 mod modulus */
static bool inverse(const BIGNUM *left, const BIGNUM *right, const BIGNUM *modulus, BIGNUM *room, BN_CTX *context) {
    return BN_mod_mul(room, left, right, modulus, context) == 1 && BN_is_one(room);
}

/* value = of mod modulus */
static bool rest(const BIGNUM *value, const BIGNUM *of, const BIGNUM *modulus, BIGNUM *room, BN_CTX *context) {
    return BN_nnmod(room, of, modulus, context) == 1 && BN_cmp(room, value) == 0;
}

static bool parts_agree(BIGNUM *const part[RSA_PARTS], BN_CTX *context) {
    BIGNUM *p1 = BN_CTX_get(context); /* p - 1 */
    BIGNUM *q1 = BN_CTX_get(context); /* q - 1 */
    BIGNUM *room = BN_CTX_get(context);

    return room != NULL && BN_sub(p1, part[RSA_P], BN_value_one()) == 1 &&
           BN_sub(q1, part[RSA_Q], BN_value_one()) == 1 && !BN_is_zero(p1) && !BN_is_zero(q1) &&
           BN_mul(room, part[RSA_P], part[RSA_Q], context) == 1 && BN_cmp(room, part[RSA_N]) == 0 &&
           inverse(part[RSA_D], part[RSA_E], p1, room, context) &&
           inverse(part[RSA_D], part[RSA_E], q1, room, context) && rest(part[RSA_DP], part[RSA_D], p1, room, context) &&
           rest(part[RSA_DQ], part[RSA_D], q1, room, context) &&
           inverse(part[RSA_QI], part[RSA_Q], part[RSA_P], room, context);
}

bool rsa_key_is_whole(const EVP_PKEY *key) {
    BIGNUM *part[RSA_PARTS] = {NULL};
    BN_CTX *context = BN_CTX_secure_new();
    bool whole = context != NULL;

    for (int i = 0; i < RSA_PARTS; i++)
        whole = whole && EVP_PKEY_get_bn_param(key, part_names[i], &part[i]) == 1;
    if (whole) {
        BN_CTX_start(context);
        whole = parts_agree(part, context);
        BN_CTX_end(context);
    }
    for (int i = 0; i < RSA_PARTS; i++)
        BN_clear_free(part[i]);
    BN_CTX_free(context);
    return whole;
}

__attribute__((noinline)) void rsa_key_wipe_stack(void) {
    unsigned char room[STACK_WIPED];

    OPENSSL_cleanse(room, sizeof(room));
}
