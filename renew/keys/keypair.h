/*
 * A key pair and its self-signed auth certificate by Exchange's profile. The private key is PKCS #8 DER in a secret,
 * wiped on free.
 */
#ifndef RENEW_KEYS_KEYPAIR_H
#define RENEW_KEYS_KEYPAIR_H

#include "core/certificate.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/time.h"

#include <stdbool.h>
#include <time.h>

struct keypair {
    struct certificate *certificate;
    struct secret key; /* PKCS #8 DER, not encrypted */
};

/* Makes one: RSA `bits`, e 65537, v3, random positive serial of 128 bits, sha256WithRSAEncryption, the subject, key
 * usage, EKU and basic constraints of the profile, NotBefore CERTIFICATE_BACKDATED before `now`, NotAfter `lifetime`
 * after NotBefore. CRYPTO error. */
bool keypair_make(int bits, struct span lifetime, time_t now, struct keypair *ret_pair, struct error *err) MUST_CHECK;

/* The same under a common name of its own, for a pair that is never to be in a slot; NULL = that of the profile. */
bool keypair_make_named(const char *subject, int bits, struct span lifetime, time_t now, struct keypair *ret_pair,
                        struct error *err) MUST_CHECK;

/* Is the private key that of the certificate? DATA error when not. */
bool keypair_matches(const struct keypair *pair, struct error *err) MUST_CHECK;

void keypair_free(struct keypair *pair);

#endif
