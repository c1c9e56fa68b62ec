/*
 * Where a certificate deviates from what Exchange makes and accepts as its auth certificate, each deviation a sentence
 * for the admin. Only what does not depend on the day is judged here. Private to core: the other rooms read
 * certificate->problems.
 */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include <openssl/x509.h>

#include "core/certificate.h"

/* Adds the problems of `x509` to certificate->problems, whose other members are filled already. OpenSSL's error queue
 * is empty afterwards. The profile: Exchange's own checks before it stages a certificate (Set-AuthConfig), and what its
 * set-up makes. */
void profile_judge(X509 *x509, struct certificate *certificate);

#endif
