/*
 * A certificate as read from outside, and what is wrong with it by the profile of an Exchange auth certificate. The
 * struct owns its bytes and strings; free with certificate_free. Parsing takes any bytes and never keeps trailing ones.
 */
#ifndef CORE_CERTIFICATE_H
#define CORE_CERTIFICATE_H

#include "base/error.h"
#include "core/slots.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define CERTIFICATE_MOST 65536    /* bytes of DER; larger ones are refused unread */
#define CERTIFICATE_KEY_BITS 2048 /* the least RSA size that Exchange accepts (Set-AuthConfig) */

/* Exchange compares NotBefore and NotAfter, which .NET gives in the server's local time, with UTC now (seen in Exchange
 * 2013): a server in UTC+14 takes a certificate only so much later, one in UTC-12 believes that it ended so much
 * earlier. What we make begins a day back, so that every server takes it at once. */
#define CERTIFICATE_AHEAD ((time_t)14 * 3600)
#define CERTIFICATE_BEHIND ((time_t)12 * 3600)
#define CERTIFICATE_BACKDATED ((time_t)24 * 3600)

struct certificate {
    char thumbprint[THUMBPRINT_SIZE]; /* SHA-1 of the DER, upper-case hex */
    unsigned char *der;
    size_t der_length;
    time_t not_before;
    time_t not_after;
    char *subject; /* RFC 2253, printable */
    char *issuer;
    char *serial; /* upper-case hex, "-" before a negative one */
    bool rsa;     /* rsaEncryption, the only key type Exchange can use here */
    int key_bits;
    char key[32];            /* "RSA 2048", "EC 256", ... */
    char signature[64];      /* "sha256WithRSAEncryption"; the OID when unknown to OpenSSL */
    bool genuine;            /* self-signed under the subject that Exchange gives its auth certificates */
    struct strings problems; /* sentences: deviations from the profile that do not depend on the day */
    struct strings notes;    /* likewise: what is unusual and does no harm */
};

/* The SHA-1 of `der`, upper-case hex. CRYPTO error. */
bool certificate_thumbprint(const unsigned char *der, size_t length, char ret_thumbprint[THUMBPRINT_SIZE],
                            struct error *err) MUST_CHECK;

/* A name of OpenSSL's, an X509_NAME, as RFC 2253 writes it, printable and at most `most` bytes, to free; NULL when it
 * cannot be decoded, or without memory. */
struct X509_name_st;
char *certificate_name(const struct X509_name_st *name, size_t most);

/* Parses exactly one DER certificate. DATA error for anything else: cut short, trailing bytes, too large, a key that
 * cannot be decoded, a date out of range. */
bool certificate_parse(const unsigned char *der, size_t length, struct certificate **ret_certificate,
                       struct error *err) MUST_CHECK;

/* Parses what a directory attribute may hold: bare DER, or Windows' serialized certificate (records of {u32 LE id,
 * u32 LE 1, u32 LE length, bytes}, the DER in record 0x20). DATA error for anything else. */
bool certificate_parse_serialized(const unsigned char *data, size_t length, struct certificate **ret_certificate,
                                  struct error *err) MUST_CHECK;

/* RSA of at least CERTIFICATE_KEY_BITS and NotBefore <= at < NotAfter. */
bool certificate_usable(const struct certificate *certificate, time_t at);

/* Has it begun on every server, wherever on earth? */
bool certificate_begun_everywhere(const struct certificate *certificate, time_t at);

/* May it have ended on some server? */
bool certificate_may_have_ended(const struct certificate *certificate, time_t at);

/* Adds every problem to `list`: those of the profile, and "it ended on ..." or "it is not valid before ..." as seen at
 * `now`. */
void certificate_problems(const struct certificate *certificate, time_t now, struct strings *list);

void certificate_free(struct certificate *certificate);

#endif
