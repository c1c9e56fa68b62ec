/*
 * What an admin hands to `import`: a file with certificates as DER, PEM (several), PKCS #7 (DER or PEM) or PFX, told
 * apart by content, never by name. Private keys are taken out only where they are asked for: of a PFX, and of PEM text
 * where they are not encrypted. Everything returned is the caller's, to free with bundle_free.
 */
#ifndef RENEW_KEYS_BUNDLE_H
#define RENEW_KEYS_BUNDLE_H

#include "core/certificate.h"
#include "base/error.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>

#define BUNDLE_FILE_MOST (1024 * 1024) /* bytes of a file to import */
#define BUNDLE_MOST 64                 /* certificates in one file */
#define BUNDLE_KEYS_MOST 16            /* private keys in one file */

struct bundle {
    struct certificate **certificates;
    size_t count;
    bool needs_password; /* it is a PFX and the password given (or none) does not open it */
    bool has_key;        /* a private key was seen too */
    struct secret *keys; /* RSA keys as PKCS #8 DER, with bundle_read_keys; which certificate is theirs is not known */
    size_t key_count;
};

/* `password` may be NULL or empty (an empty and an absent PFX password are both tried). DATA error when nothing can be
 * read, CREDENTIALS when it is a PFX that the password does not open. All or nothing: one damaged certificate refuses
 * the file. A certificate that stands in it twice is returned once. On failure ret_bundle is empty, only
 * needs_password is set. */
bool bundle_read(const unsigned char *data, size_t length, const struct secret *password, struct bundle *ret_bundle,
                 struct error *err) MUST_CHECK;

/* The same, and takes the private keys too. One that is encrypted in PEM text, or no RSA key, only counts as seen. */
bool bundle_read_keys(const unsigned char *data, size_t length, const struct secret *password,
                      struct bundle *ret_bundle, struct error *err) MUST_CHECK;

void bundle_free(struct bundle *bundle);

#endif
