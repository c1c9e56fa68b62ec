/*
 * One kept key pair as the text of a file: PEM of the certificate, then of its private key, as ENCRYPTED PRIVATE KEY
 * (PKCS #8, PBES2 with scrypt and AES-256-CBC) or, where no password is used, as PRIVATE KEY. OpenSSL's own commands
 * read it. Private to renew: keystore.c is the door.
 */
#ifndef RENEW_KEYS_KEY_FILE_H
#define RENEW_KEYS_KEY_FILE_H

#include "core/certificate.h"
#include "base/error.h"
#include "base/secret.h"
#include "renew/keys/keypair.h"

#include <stdbool.h>
#include <stddef.h>

#define KEY_FILE_MOST 131072 /* bytes */

/* What stands in a file, nothing decrypted. */
struct key_file {
    struct certificate *certificate;
    bool encrypted;
    struct secret key; /* DER of the one or the other */
};

/* Exactly one certificate and one key; DATA error otherwise. */
bool key_file_parse(const void *data, size_t length, struct key_file *ret_file, struct error *err) MUST_CHECK;

/* The key pair in it, proved to be one. CREDENTIALS when it is encrypted and `password` (NULL = none) does not open it;
 * damage of the encrypted part looks the same. DATA when the key is not the certificate's. A key that is not encrypted
 * is taken with or without a password. */
bool key_file_open(const struct key_file *file, const struct secret *password, struct keypair *ret_pair,
                   struct error *err) MUST_CHECK;

/* The text to write; `password` NULL leaves the key unencrypted. CRYPTO errors. */
bool key_file_compose(const struct keypair *pair, const struct secret *password, struct secret *ret_text,
                      struct error *err) MUST_CHECK;

void key_file_free(struct key_file *file);

#endif
