#include "web/verdict.h"

#include <stddef.h>
#include <string.h>

#include <openssl/x509_vfy.h>

#define SHORT_KEY                                                                                                      \
    "its key is too short to be trusted (RSA below 2048 bits, or an elliptic curve below 224); have it issued again "  \
    "with RSA of 2048 bits or more"
#define SHORT_CA                                                                                                       \
    "the key of a CA above it is too short to be trusted (RSA below 2048 bits); have it issued again by a CA with a "  \
    "key of 2048 bits or more"
#define WEAK_SIGNATURE                                                                                                 \
    "it, or a CA's certificate above it, is signed with SHA-1 or MD5, which is too weak to be trusted; have it "       \
    "issued "                                                                                                          \
    "again with SHA-256"
#define OLD_PROTOCOL "it offers no TLS 1.2 or later; switch that on there"
#define NOTHING_SHARED                                                                                                 \
    "it and this host share no way of encrypting that is strong enough; switch on TLS 1.2 with ECDHE and AES-GCM "     \
    "there, and see that its certificate has a key for it"

bool verdict_add_weakness(long verdict, const char *detail, struct text *out) {
    static const struct {
        long verdict;
        const char *words; /* of OpenSSL's text, for where the verdict does not come along */
        const char *sentence;
    } known[] = {
        {X509_V_ERR_EE_KEY_TOO_SMALL, "ee key too small", SHORT_KEY},
        {X509_V_ERR_EE_KEY_TOO_SMALL, "EE certificate key too weak", SHORT_KEY},
        {X509_V_ERR_CA_KEY_TOO_SMALL, "ca key too small", SHORT_CA},
        {X509_V_ERR_CA_KEY_TOO_SMALL, "CA certificate key too weak", SHORT_CA},
        {X509_V_ERR_CA_MD_TOO_WEAK, "ca md too weak", WEAK_SIGNATURE},
        {X509_V_ERR_CA_MD_TOO_WEAK, "CA signature digest algorithm too weak", WEAK_SIGNATURE},
        {X509_V_OK, "dh key too small",
         "its key exchange is too weak (Diffie-Hellman below 2048 bits); switch on ECDHE there, or longer parameters"},
        {X509_V_OK, "wrong signature type",
         "it can sign the TLS handshake with SHA-1 alone, which is too weak; switch on SHA-256 there"},
        {X509_V_OK, "no suitable signature algorithm",
         "it can sign the TLS handshake with SHA-1 alone, which is too weak; switch on SHA-256 there"},
        {X509_V_OK, "unsupported protocol", OLD_PROTOCOL},
        {X509_V_OK, "protocol version", OLD_PROTOCOL},
        {X509_V_OK, "no protocols available", OLD_PROTOCOL},
        {X509_V_OK, "unsafe legacy renegotiation",
         "it renegotiates TLS in the old, unsafe way (no RFC 5746); bring its TLS up to date"},
        {X509_V_OK, "handshake failure", NOTHING_SHARED},
        {X509_V_OK, "no shared cipher", NOTHING_SHARED},
        {X509_V_OK, "no ciphers available", NOTHING_SHARED},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if ((known[i].verdict != X509_V_OK && known[i].verdict == verdict) ||
            (detail != NULL && strstr(detail, known[i].words) != NULL)) {
            text_add(out, known[i].sentence);
            return true;
        }
    return false;
}
