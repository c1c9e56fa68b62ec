/*
 * A key pair that signs, without the key: its certificate and the call that makes a signature. Lent by whoever keeps
 * the key, for the length of one call, so that a room which needs signatures never sees what they are made with.
 */
#ifndef CORE_SIGNER_H
#define CORE_SIGNER_H

#include "base/error.h"
#include "base/file.h"
#include "core/certificate.h"

#include <stdbool.h>
#include <stddef.h>

/* RFC 7518 3.3 and 3.5, both over SHA-256; the salt of PSS is as long as the digest. */
enum signature_form { SIGNATURE_PS256, SIGNATURE_RS256 };

struct signer {
    const struct certificate *certificate;
    void *context;
    /* CRYPTO error. */
    bool (*sign)(void *context, enum signature_form form, const void *data, size_t length, struct bytes *ret_signature,
                 struct error *err);
};

/* What is done with a signer while it is lent. */
typedef bool signer_work(void *context, const struct signer *signer, struct error *err);

#endif
