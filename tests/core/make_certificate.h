/*
 * Certificates for tests, made on the spot: a recipe that gives what Exchange's set-up makes, of which a test changes
 * one field at a time. A failure to make one ends the test program. Keys are made once per program and kind.
 */
#ifndef TESTS_CORE_MAKE_CERTIFICATE_H
#define TESTS_CORE_MAKE_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "core/certificate.h"

#define MADE_NAME "Microsoft Exchange Server Auth Certificate"

struct recipe {
    const char *key;        /* "RSA-3072", -2048 or -1024, "EC-256", "EC:CURVE", "RSA-PSS-2048", "ED25519" */
    const char *signer;     /* a key likewise, when another one signs; else NULL */
    const char *digest;     /* NULL where the key brings its own */
    const char *subject;    /* common name; NULL = an empty subject */
    const char *issuer;     /* common name; NULL = the subject */
    const char *serial;     /* hex, may begin with "-" */
    const char *not_before; /* GeneralizedTime */
    const char *not_after;  /* likewise */
    const char *key_usage;  /* values as in openssl.cnf; NULL = no such extension */
    const char *extended;   /* likewise, the next two too */
    const char *constraints;
    const char *alternative;
    int undecodable;      /* NID of an extension added with bytes that are no DER; 0 = none */
    int repeated_nid;     /* NID of an extension that is added twice, with equal bytes; 0 = none */
    int modulus_bits;     /* not 0: an RSA key with a modulus of this size that nobody owns */
    const char *exponent; /* hex, of that key */
    long version;         /* X509_VERSION_3 */
};

/* What Exchange's set-up makes: valid from 2024-01-01 to 2029-01-01, noon UTC. */
struct recipe recipe_good(void);

/* The caller frees with X509_free. */
X509 *make_x509(const struct recipe *recipe);

/* The key that make_x509 used for recipe->key; borrowed. */
EVP_PKEY *make_key(const char *name);

/* DER in memory of the caller's, to free with OPENSSL_free. */
unsigned char *make_der(const struct recipe *recipe, size_t *ret_length);

/* The certificate as the program reads it; one that it refuses, or for which it leaves an error behind in OpenSSL's
 * queue, ends the test program. The caller frees with certificate_free. */
struct certificate *make_certificate(const struct recipe *recipe);

#endif
