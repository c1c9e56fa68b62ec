/*
 * Key pairs sealed so that only the recovery key opens them: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM, to the
 * recovery certificate's key by RSA-OAEP with SHA-256 or by ECDH on P-256. What is sealed is PEM text of the
 * certificate and its private key. Opening is never done here, for the recovery key is never on an agent host:
 * docs/recovery-key.md says how with OpenSSL's own command.
 */
#ifndef RENEW_KEYS_SEAL_H
#define RENEW_KEYS_SEAL_H

#include "base/error.h"
#include "base/file.h"
#include "renew/keys/keypair.h"

#include <stdbool.h>
#include <time.h>

#define SEAL_CERTIFICATE_MOST 65536 /* bytes of the recovery certificate's file */
#define SEAL_RSA_BITS 3072          /* the least size of an RSA recovery key */

struct recovery {
    struct certificate *certificate;
};

/* Takes the recovery certificate out of its file, PEM or DER: exactly one, with an RSA key of at least SEAL_RSA_BITS or
 * one on P-256, and no private key beside it. An end that has passed is no error, for a key does not age with its
 * certificate: see recovery_ended. CONFIG errors say what to mend. */
bool recovery_read(const void *data, size_t length, struct recovery *ret_recovery, struct error *err) MUST_CHECK;

bool recovery_ended(const struct recovery *recovery, time_t now);

void recovery_free(struct recovery *recovery);

/* The sealed pair as DER, to free with bytes_free. Sealing the same pair twice gives different bytes. CRYPTO error. */
bool seal_pair(const struct recovery *recovery, const struct keypair *pair, struct bytes *ret_sealed,
               struct error *err) MUST_CHECK;

/* Are these bytes, whoever wrote them, a whole sealed pair with the recovery certificate as its only recipient? Whether
 * it opens to what it should, only the recovery key can tell. */
bool seal_is_for(const struct recovery *recovery, const void *data, size_t length);

#endif
