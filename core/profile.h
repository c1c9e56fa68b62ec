/*
 * Where a certificate deviates from what Exchange makes and accepts as its auth certificate, each deviation a sentence
 * for the admin. Only what does not depend on the day is judged here. Private to core: the other rooms read
 * certificate->problems.
 */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include <stdbool.h>
#include <time.h>

#include <openssl/x509.h>

#include "base/text.h"

/* What was read of the certificate already, as it is shown to people. */
struct profile_input {
    bool rsa;
    int key_bits;
    int key_bits_least;
    const char *key;
    const char *signature;
    const char *subject;
    const char *issuer;
    time_t not_before;
    time_t not_after;
};

/* Adds what is wrong with `x509`, of which `input` tells, to `problems`, and what is only unusual to `notes`. True when
 * it is genuine: self-signed under Exchange's own subject. OpenSSL's error queue is empty afterwards. The profile:
 * Exchange's own checks before it stages a certificate (Set-AuthConfig), what its set-up makes, and what Microsoft's
 * pages have told admins to make. */
bool profile_judge(X509 *x509, const struct profile_input *input, struct strings *problems, struct strings *notes);

#endif
