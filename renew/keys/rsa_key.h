/*
 * An RSA private key and the PKCS #8 that holds it. OpenSSL leaves copies of keys behind in freed memory unless
 * base/heap.h was called, and on the stack. Private to renew: keypair.c is the door.
 */
#ifndef RENEW_KEYS_RSA_KEY_H
#define RENEW_KEYS_RSA_KEY_H

#include <stdbool.h>

#include <openssl/evp.h>

#include "base/error.h"
#include "base/secret.h"

/* PKCS #8, not encrypted (RFC 5208). CRYPTO error. */
bool rsa_key_encode(const EVP_PKEY *key, struct secret *ret_der, struct error *err) MUST_CHECK;

/* Exactly one PKCS #8 with an RSA key of two primes; NULL for anything else. */
EVP_PKEY *rsa_key_decode(const void *der, size_t length);

/* Do the numbers belong together (RFC 8017 3.2)? The modulus must be known to be a good one: then factors of it,
 * neither of them one, are the two primes that it was made of, and need no costly test. */
bool rsa_key_is_whole(const EVP_PKEY *key);

/* Wipes what the calls before may have left on the stack. */
void rsa_key_wipe_stack(void);

#endif
