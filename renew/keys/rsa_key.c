#include "renew/keys/rsa_key.h"

#include <limits.h>

#include <openssl/asn1.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/x509.h>

#define STACK_WIPED 32768 /* bytes: more than RSA operations of OpenSSL use */

static const char *const part_names[RSA_PARTS] = {
    [RSA_N] = OSSL_PKEY_PARAM_RSA_N,          [RSA_E] = OSSL_PKEY_PARAM_RSA_E,
    [RSA_D] = OSSL_PKEY_PARAM_RSA_D,          [RSA_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
    [RSA_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,    [RSA_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
    [RSA_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2, [RSA_QI] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

bool rsa_key_take(const EVP_PKEY *key, struct rsa_key *ret_key) {
    struct rsa_key taken = {0};
    bool done;

    taken.part[RSA_VERSION] = BN_new(); /* 0: two primes */
    done = taken.part[RSA_VERSION] != NULL;
    for (int i = RSA_N; done && i < RSA_PARTS; i++)
        done = EVP_PKEY_get_bn_param(key, part_names[i], &taken.part[i]) == 1;
    if (done)
        *ret_key = taken;
    else
        rsa_key_free(&taken);
    return done;
}

static void sequence_free(ASN1_SEQUENCE_ANY *sequence) {
    for (int i = 0; i < sk_ASN1_TYPE_num(sequence); i++) {
        ASN1_TYPE *value = sk_ASN1_TYPE_value(sequence, i);

        if (ASN1_TYPE_get(value) == V_ASN1_INTEGER)
            OPENSSL_cleanse(value->value.integer->data, (size_t)value->value.integer->length);
    }
    sk_ASN1_TYPE_pop_free(sequence, ASN1_TYPE_free);
}

static bool add_integer(ASN1_SEQUENCE_ANY *sequence, const BIGNUM *number) {
    ASN1_TYPE *value = ASN1_TYPE_new();
    ASN1_INTEGER *integer = BN_to_ASN1_INTEGER(number, NULL);

    if (value != NULL && integer != NULL) {
        ASN1_TYPE_set(value, V_ASN1_INTEGER, integer);
        integer = NULL;
        if (sk_ASN1_TYPE_push(sequence, value) > 0)
            return true;
    }
    /* Out of memory; what remains unwiped here is a part of a key that nobody will use. */
    ASN1_INTEGER_free(integer);
    ASN1_TYPE_free(value);
    return false;
}

static int encode_numbers(const struct rsa_key *key, unsigned char **ret_der) {
    ASN1_SEQUENCE_ANY *sequence = sk_ASN1_TYPE_new_null();
    bool done = sequence != NULL;
    int length = -1;

    for (int i = 0; done && i < RSA_PARTS; i++)
        done = add_integer(sequence, key->part[i]);
    if (done)
        length = i2d_ASN1_SEQUENCE_ANY(sequence, ret_der);
    sequence_free(sequence);
    return length;
}

bool rsa_key_encode(const struct rsa_key *key, struct secret *ret_der, struct error *err) {
    PKCS8_PRIV_KEY_INFO *info = PKCS8_PRIV_KEY_INFO_new();
    unsigned char *numbers = NULL;
    unsigned char *der = NULL;
    int inner = encode_numbers(key, &numbers);
    int length = -1;
    bool done = false;

    if (info != NULL && inner > 0 &&
        PKCS8_pkey_set0(info, OBJ_nid2obj(NID_rsaEncryption), 0, V_ASN1_NULL, NULL, numbers, inner) == 1) {
        numbers = NULL; /* wiped with `info` */
        length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    }
    if (length > 0)
        done = secret_copy(der, (size_t)length, ret_der, err);
    else
        error_openssl(err, ERROR_CRYPTO, "encoding a private key failed");
    OPENSSL_clear_free(numbers, inner > 0 ? (size_t)inner : 0);
    OPENSSL_clear_free(der, length > 0 ? (size_t)length : 0);
    PKCS8_PRIV_KEY_INFO_free(info);
    return done;
}

static bool take_numbers(const ASN1_SEQUENCE_ANY *sequence, struct rsa_key *key) {
    if (sk_ASN1_TYPE_num(sequence) != RSA_PARTS)
        return false;
    for (int i = 0; i < RSA_PARTS; i++) {
        const ASN1_TYPE *value = sk_ASN1_TYPE_value(sequence, i);

        if (ASN1_TYPE_get(value) != V_ASN1_INTEGER)
            return false;
        key->part[i] = ASN1_INTEGER_to_BN(value->value.integer, NULL);
        if (key->part[i] == NULL || BN_is_negative(key->part[i]))
            return false;
    }
    return BN_is_zero(key->part[RSA_VERSION]);
}

bool rsa_key_decode(const struct secret *der, struct rsa_key *ret_key) {
    const unsigned char *at = (const unsigned char *)der->value;
    const unsigned char *end = at;
    const ASN1_OBJECT *algorithm = NULL;
    struct rsa_key key = {0};
    PKCS8_PRIV_KEY_INFO *info = NULL;
    ASN1_SEQUENCE_ANY *sequence = NULL;
    int length = 0;
    bool done = false;

    if (at != NULL && der->length <= LONG_MAX)
        info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &end, (long)der->length);
    if (info != NULL && end == at + der->length && PKCS8_pkey_get0(&algorithm, &at, &length, NULL, info) == 1 &&
        OBJ_obj2nid(algorithm) == NID_rsaEncryption) {
        end = at;
        sequence = d2i_ASN1_SEQUENCE_ANY(NULL, &end, length);
        done = sequence != NULL && end == at + length && take_numbers(sequence, &key);
    }
    if (done)
        *ret_key = key;
    else
        rsa_key_free(&key);
    sequence_free(sequence);
    PKCS8_PRIV_KEY_INFO_free(info);
    return done;
}

bool rsa_key_is_of(const struct rsa_key *key, const EVP_PKEY *public_key) {
    BIGNUM *modulus = NULL;
    BIGNUM *exponent = NULL;
    bool same = EVP_PKEY_is_a(public_key, "RSA") == 1 &&
                EVP_PKEY_get_bn_param(public_key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
                EVP_PKEY_get_bn_param(public_key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
                BN_cmp(modulus, key->part[RSA_N]) == 0 && BN_cmp(exponent, key->part[RSA_E]) == 0;

    BN_free(modulus);
    BN_free(exponent);
    return same;
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

bool rsa_key_is_whole(const struct rsa_key *key) {
    BN_CTX *context = BN_CTX_secure_new();
    bool whole = false;

    if (context != NULL) {
        BN_CTX_start(context);
        whole = parts_agree(key->part, context);
        BN_CTX_end(context);
    }
    BN_CTX_free(context);
    return whole;
}

__attribute__((noinline)) void rsa_key_wipe_stack(void) {
    unsigned char room[STACK_WIPED];

    OPENSSL_cleanse(room, sizeof(room));
}

void rsa_key_free(struct rsa_key *key) {
    for (int i = 0; i < RSA_PARTS; i++)
        BN_clear_free(key->part[i]);
    *key = (struct rsa_key){0};
}
