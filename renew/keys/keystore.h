/*
 * Key pairs kept on this host: keys/ in the state folder, one file per pair with the certificate and the private key as
 * encrypted PKCS #8 (PBES2, AES-256, scrypt or PBKDF2). A pair that was never in a slot is a candidate and has a file
 * name of its own (THUMBPRINT.candidate); used ones are THUMBPRINT.key. Files are 0600, the folder 0700, writes atomic
 * and durable. Nothing here goes unless keystore_remove is told to: which pairs no slot refers to, its caller knows.
 */
#ifndef RENEW_KEYS_KEYSTORE_H
#define RENEW_KEYS_KEYSTORE_H

#include "base/error.h"
#include "core/facts.h"
#include "base/secret.h"
#include "renew/keys/keypair.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct keystore {
    int state;                     /* descriptor of the state folder */
    const struct secret *password; /* NULL = key_password = none: keys are stored unencrypted */
    const char *folder;            /* in the state folder; NULL = keys, where those of the auth configuration are */
    const char *subject;           /* the common name of pairs that are made; NULL = that of auth certificates */
};

struct kept_key {
    char thumbprint[THUMBPRINT_SIZE];
    bool candidate;
    time_t not_before, not_after; /* of its certificate, which is public and needs no password */
    int key_bits;                 /* likewise */
};

/* Lists what is kept, newest NotBefore first; the array is the caller's to free. A damaged file is an error sentence in
 * `troubles`, and the others are listed. */
bool keystore_list(const struct keystore *store, struct kept_key **ret_keys, size_t *ret_count,
                   struct strings *troubles, struct error *err) MUST_CHECK;

/* Keeps a new pair as candidate. Refuses without a password unless the store is configured so (password NULL is
 * `key_password = none`; the configuration sees to that). */
bool keystore_keep(const struct keystore *store, const struct keypair *pair, struct error *err) MUST_CHECK;

/* Makes a new pair and keeps it so; its certificate is the caller's to free. */
bool keystore_make(const struct keystore *store, int bits, struct span lifetime, time_t now,
                   struct certificate **ret_certificate, struct error *err) MUST_CHECK;

/* Opens one. False with ERROR_NONE when it is not kept. CREDENTIALS when the password does not open it. A key counts
 * only if it matches the certificate and the SHA-1 is the thumbprint. */
bool keystore_open(const struct keystore *store, const char *thumbprint, struct keypair *ret_pair,
                   struct error *err) MUST_CHECK;

/* A candidate was seen in a slot: it is one no more. Done already is success. */
bool keystore_mark_used(const struct keystore *store, const char *thumbprint, struct error *err) MUST_CHECK;

/* Takes in a pair that an admin gave (import of a PFX): kept as used, not as candidate. */
bool keystore_import(const struct keystore *store, const struct keypair *pair, bool *ret_new,
                     struct error *err) MUST_CHECK;

/* Removes one pair, under whichever name it is kept, durably. Done already is success. The bytes are not overwritten
 * first: on flash and on copying file systems that would reach other blocks than those of the file. */
bool keystore_remove(const struct keystore *store, const char *thumbprint, struct error *err) MUST_CHECK;

#endif
