#include "core/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/profile.h"
#include "base/time.h"

#define NAME_MOST 512       /* bytes of a subject or issuer that are shown */
#define SERIAL_MOST 128     /* likewise of a serial number */
#define RSA_BITS_MOST 16384 /* OpenSSL computes with no larger ones, and larger ones only serve to keep us busy */
#define YEAR_LEAST 1601     /* what a directory and Windows can express */

bool certificate_thumbprint(const unsigned char *der, size_t length, char ret_thumbprint[THUMBPRINT_SIZE],
                            struct error *err) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    if (EVP_Digest(der, length, digest, &size, EVP_sha1(), NULL) != 1 ||
        OPENSSL_buf2hexstr_ex(ret_thumbprint, THUMBPRINT_SIZE, NULL, digest, size, '\0') != 1)
        return error_openssl(err, ERROR_CRYPTO, "computing the SHA-1 thumbprint of a certificate failed");
    return true;
}

static bool take_time(const ASN1_TIME *asn1, const char *what, time_t *ret_time, struct error *err) {
    struct tm tm;

    if (asn1 == NULL || ASN1_TIME_to_tm(asn1, &tm) != 1)
        return error_openssl(err, ERROR_DATA, "the certificate's %s is no date", what);
    if (tm.tm_year + 1900 < YEAR_LEAST) {
        return error_set(err, ERROR_DATA, "the certificate's %s lies in the year %d: it is damaged", what,
                         tm.tm_year + 1900);
    }
    *ret_time = timegm(&tm);
    return true;
}

char *certificate_name(const struct X509_name_st *name, size_t most) {
    /* RFC 2253, but with letters beyond ASCII as they are: text_printable makes them safe. */
    const unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    BIO *bio = BIO_new(BIO_s_mem());
    char *copy = NULL;
    char *text = NULL;

    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
        long length = BIO_get_mem_data(bio, &text);

        copy = text_printable_copy(length > 0 ? text : "", length > 0 ? (size_t)length : 0, most);
    }
    BIO_free(bio);
    return copy;
}

static bool take_name(const X509_NAME *name, char **ret_name, struct error *err) {
    char *text = certificate_name(name, NAME_MOST);

    if (text == NULL)
        return error_openssl(err, ERROR_DATA, "a name in the certificate cannot be decoded");
    *ret_name = text;
    return true;
}

static bool take_serial(const ASN1_INTEGER *serial, char **ret_serial, struct error *err) {
    BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
    char *hex = number != NULL ? BN_bn2hex(number) : NULL;
    char *copy = hex != NULL ? text_printable_copy(hex, strlen(hex), SERIAL_MOST) : NULL;

    BN_free(number);
    OPENSSL_free(hex);
    if (copy == NULL)
        return error_openssl(err, ERROR_DATA, "the certificate's serial number cannot be read");
    *ret_serial = copy;
    return true;
}

static bool take_key(X509 *x509, struct certificate *certificate, struct error *err) {
    EVP_PKEY *key = X509_get0_pubkey(x509);
    const char *type;

    if (key == NULL)
        return error_openssl(err, ERROR_DATA, "the certificate's public key cannot be decoded");
    certificate->key_bits = EVP_PKEY_get_bits(key);
    /* RSA-PSS is a type of its own: Windows cannot sign with such a key where Exchange does. */
    certificate->rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    if (certificate->key_bits > RSA_BITS_MOST) {
        return error_set(err, ERROR_DATA,
                         "the certificate's public key has %d bits; more than %d serve no purpose and are not accepted",
                         certificate->key_bits, RSA_BITS_MOST);
    }
    type = EVP_PKEY_get0_type_name(key);
    (void)snprintf(certificate->key, sizeof(certificate->key), "%.20s %d", type != NULL ? type : "unknown",
                   certificate->key_bits);
    return true;
}

static bool take_signature(const X509 *x509, struct certificate *certificate, struct error *err) {
    int nid = X509_get_signature_nid(x509);
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *object = NULL;
    char text[256];
    const char *name = nid != NID_undef ? OBJ_nid2ln(nid) : NULL;

    if (name == NULL) {
        X509_get0_signature(NULL, &algorithm, x509);
        X509_ALGOR_get0(&object, NULL, NULL, algorithm);
        if (OBJ_obj2txt(text, sizeof(text), object, 1) <= 0)
            return error_openssl(err, ERROR_DATA, "the certificate's signature algorithm cannot be decoded");
        name = text;
    }
    text_printable(certificate->signature, sizeof(certificate->signature), name, strlen(name));
    return true;
}

/* Everything that needs the decoded form. */
static bool take_all(X509 *x509, struct certificate *certificate, struct error *err) {
    if (!certificate_thumbprint(certificate->der, certificate->der_length, certificate->thumbprint, err) ||
        !take_time(X509_get0_notBefore(x509), "beginning (NotBefore)", &certificate->not_before, err) ||
        !take_time(X509_get0_notAfter(x509), "end (NotAfter)", &certificate->not_after, err) ||
        !take_name(X509_get_subject_name(x509), &certificate->subject, err) ||
        !take_name(X509_get_issuer_name(x509), &certificate->issuer, err) ||
        !take_serial(X509_get0_serialNumber(x509), &certificate->serial, err) || !take_key(x509, certificate, err) ||
        !take_signature(x509, certificate, err))
        return false;
    certificate->genuine = profile_judge(x509,
                                         &(struct profile_input){.rsa = certificate->rsa,
                                                                 .key_bits = certificate->key_bits,
                                                                 .key_bits_least = CERTIFICATE_KEY_BITS,
                                                                 .key = certificate->key,
                                                                 .signature = certificate->signature,
                                                                 .subject = certificate->subject,
                                                                 .issuer = certificate->issuer,
                                                                 .not_before = certificate->not_before,
                                                                 .not_after = certificate->not_after},
                                         &certificate->problems, &certificate->notes);
    return certificate->problems.failed || certificate->notes.failed ? error_memory(err) : true;
}

static bool decode(const unsigned char *der, size_t length, X509 **ret_x509, struct error *err) {
    const unsigned char *end = der;
    X509 *x509;

    if (length == 0)
        return error_set(err, ERROR_DATA, "there are no bytes where a certificate should be");
    if (length > CERTIFICATE_MOST) {
        return error_set(err, ERROR_DATA,
                         "the certificate has %zu bytes; more than %d are not read; it is damaged or something else",
                         length, CERTIFICATE_MOST);
    }
    ERR_clear_error();
    x509 = d2i_X509(NULL, &end, (long)length);
    if (x509 == NULL) {
        return error_openssl(err, ERROR_DATA, "the %zu bytes are no DER certificate, or one that was cut short",
                             length);
    }
    if (end != der + length) {
        X509_free(x509);
        return error_set(err, ERROR_DATA, "%zu bytes follow the end of the DER certificate: it is damaged",
                         length - (size_t)(end - der));
    }
    *ret_x509 = x509;
    return true;
}

bool certificate_parse(const unsigned char *der, size_t length, struct certificate **ret_certificate,
                       struct error *err) {
    struct certificate *certificate = NULL;
    X509 *x509 = NULL;
    bool done = false;

    if (!decode(der, length, &x509, err))
        goto out;
    certificate = calloc(1, sizeof(*certificate));
    if (certificate == NULL || (certificate->der = malloc(length)) == NULL) {
        error_memory(err);
        goto out;
    }
    memcpy(certificate->der, der, length);
    certificate->der_length = length;
    if (!take_all(x509, certificate, err))
        goto out;
    *ret_certificate = certificate;
    certificate = NULL;
    done = true;
out:
    /* Some of what succeeded leaves traces, which the next failure would report as its own. */
    ERR_clear_error();
    X509_free(x509);
    certificate_free(certificate);
    return done;
}

bool certificate_usable(const struct certificate *certificate, time_t at) {
    return certificate->rsa && certificate->key_bits >= CERTIFICATE_KEY_BITS && certificate->not_before <= at &&
           at < certificate->not_after;
}

bool certificate_begun_everywhere(const struct certificate *certificate, time_t at) {
    return at - CERTIFICATE_AHEAD >= certificate->not_before;
}

bool certificate_may_have_ended(const struct certificate *certificate, time_t at) {
    return at + CERTIFICATE_BEHIND >= certificate->not_after;
}

void certificate_problems(const struct certificate *certificate, time_t now, struct strings *list) {
    char at[TIME_TEXT_SIZE];

    for (size_t i = 0; i < certificate->problems.count; i++)
        strings_add(list, "%s", certificate->problems.items[i]);
    if (now < certificate->not_before)
        strings_add(list, "It is not valid before %s.", time_format_rfc3339(at, certificate->not_before));
    if (now >= certificate->not_after)
        strings_add(list, "It ended on %s.", time_format_rfc3339(at, certificate->not_after));
}

void certificate_free(struct certificate *certificate) {
    if (certificate == NULL)
        return;
    free(certificate->der);
    free(certificate->subject);
    free(certificate->issuer);
    free(certificate->serial);
    strings_free(&certificate->problems);
    strings_free(&certificate->notes);
    free(certificate);
}
