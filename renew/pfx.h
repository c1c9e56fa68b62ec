/*
 * The certificates in a PFX (PKCS #12, RFC 7292). Private keys are counted, never decrypted; what was decrypted on the
 * way is wiped. Private to renew: bundle.c is the door.
 */
#ifndef RENEW_PFX_H
#define RENEW_PFX_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "core/error.h"
#include "core/secret.h"

struct pfx {
    STACK_OF(X509) * certificates; /* the caller's, to free with sk_X509_pop_free */
    bool has_key;
};

/* Reads one PFX, exactly `length` bytes. `password` may be NULL or empty: then none and the empty one are tried. DATA
 * for what is damaged or asks for too much work; CREDENTIALS, with *ret_needs_password set, when the password does not
 * open it. Ciphers that OpenSSL 3 keeps in its legacy provider (RC2-40, which Windows up to Server 2016 uses for
 * certificates) are read when that provider is installed; without it the error says how to convert the file. */
bool pfx_read(const unsigned char *data, size_t length, const struct secret *password, struct pfx *ret_pfx,
              bool *ret_needs_password, struct error *err) __attribute__((warn_unused_result));

#endif
