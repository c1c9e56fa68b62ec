/*
 * An RSA private key as its numbers, and as the PKCS #8 that holds them. OpenSSL's own encoders and decoders leave
 * copies of the key behind in freed memory; here everything is wiped. Private to renew: keypair.c is the door.
 */
#ifndef RENEW_KEYS_RSA_KEY_H
#define RENEW_KEYS_RSA_KEY_H

#include <stdbool.h>

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "base/error.h"
#include "base/secret.h"

/* The integers of an RSAPrivateKey (RFC 8017 A.1.2), in their order. */
enum rsa_part { RSA_VERSION, RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_PARTS };

struct rsa_key {
    BIGNUM *part[RSA_PARTS];
};

/* Takes the numbers out of a key that OpenSSL has generated. False with OpenSSL's error queue. */
bool rsa_key_take(const EVP_PKEY *key, struct rsa_key *ret_key) __attribute__((warn_unused_result));

/* PKCS #8, not encrypted (RFC 5208). CRYPTO error. */
bool rsa_key_encode(const struct rsa_key *key, struct secret *ret_der, struct error *err)
    __attribute__((warn_unused_result));

/* Exactly one PKCS #8 with an RSA key of two primes; false for anything else. */
bool rsa_key_decode(const struct secret *der, struct rsa_key *ret_key) __attribute__((warn_unused_result));

/* Is `key` its public half? */
bool rsa_key_is_of(const struct rsa_key *key, const EVP_PKEY *public_key);

/* Do the numbers belong together (RFC 8017 3.2)? The modulus must be known to be a good one: then factors of it,
 * neither of them one, are the two primes that it was made of, and need no costly test. */
bool rsa_key_is_whole(const struct rsa_key *key);

/* Wipes what the calls before may have left on the stack. */
void rsa_key_wipe_stack(void);

void rsa_key_free(struct rsa_key *key);

#endif
