/*
 * What is in a PFX (PKCS #12, RFC 7292): its certificates and, only where they are asked for, its private keys. What
 * was decrypted on the way is wiped. Private to renew: bundle.c is the door.
 */
#ifndef RENEW_KEYS_PFX_H
#define RENEW_KEYS_PFX_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "base/error.h"
#include "base/secret.h"

#define PFX_KEYS_MOST 16

struct pfx {
    STACK_OF(X509) * certificates; /* the caller's, to free with sk_X509_pop_free */
    bool has_key;
    struct secret keys[PFX_KEYS_MOST]; /* RSA keys as PKCS #8 DER; the caller's, to free with secret_free */
    size_t key_count;
};

/* Reads one PFX, exactly `length` bytes; its private keys stay encrypted unless `with_keys`, and those that are no RSA
 * keys are left out. `password` may be NULL or empty: then none and the empty one are tried. DATA
 * for what is damaged or asks for too much work; CREDENTIALS, with *ret_needs_password set, when the password does not
 * open it. Ciphers that OpenSSL 3 keeps in its legacy provider (RC2-40, which Windows up to Server 2016 uses for
 * certificates) are read when that provider is installed; without it the error says how to convert the file. */
bool pfx_read(const unsigned char *data, size_t length, const struct secret *password, bool with_keys,
              struct pfx *ret_pfx, bool *ret_needs_password, struct error *err) MUST_CHECK;

#endif
