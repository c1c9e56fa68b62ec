#include "renew/keys/bundle.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "renew/keys/pfx.h"
#include "renew/keys/rsa_key.h"

#define PEM_BEGIN "-----BEGIN "

/* What a binary file or PEM block is, by its first two ASN.1 elements. */
enum kind { KIND_NONE, KIND_CERTIFICATE, KIND_PKCS7, KIND_PFX, KIND_KEY };

static bool add(struct bundle *bundle, struct certificate *certificate, struct error *err) {
    struct certificate **grown;

    for (size_t i = 0; i < bundle->count; i++) {
        if (strcmp(bundle->certificates[i]->thumbprint, certificate->thumbprint) == 0) {
            certificate_free(certificate);
            return true;
        }
    }
    if (bundle->count == BUNDLE_MOST) {
        certificate_free(certificate);
        return error_set(err, ERROR_DATA, "the file holds more than %d certificates; import the needed ones alone",
                         BUNDLE_MOST);
    }
    grown = reallocarray(bundle->certificates, bundle->count + 1, sizeof(struct certificate *));
    if (grown == NULL) {
        certificate_free(certificate);
        return error_memory(err);
    }
    bundle->certificates = grown;
    bundle->certificates[bundle->count++] = certificate;
    return true;
}

/* A file in the reading. */
struct reading {
    struct bundle bundle;
    const struct secret *password;
    bool with_keys;
};

/* Takes the secret over. */
static bool add_key(struct bundle *bundle, struct secret *key, struct error *err) {
    struct secret *grown;

    if (bundle->key_count == BUNDLE_KEYS_MOST) {
        secret_free(key);
        return error_set(err, ERROR_DATA, "the file holds more than %d private keys; it is not one to import",
                         BUNDLE_KEYS_MOST);
    }
    grown = reallocarray(bundle->keys, bundle->key_count + 1, sizeof(*grown)); /* moves pointers, no key */
    if (grown == NULL) {
        secret_free(key);
        return error_memory(err);
    }
    bundle->keys = grown;
    bundle->keys[bundle->key_count++] = *key;
    *key = (struct secret){0};
    return true;
}

/* Encoded anew, as we write keys ourselves. */
static bool take_key(struct reading *reading, const unsigned char *der, size_t length, struct error *err) {
    struct secret key = {0};
    EVP_PKEY *decoded;
    bool done = true;

    reading->bundle.has_key = true;
    if (!reading->with_keys)
        return true;
    decoded = rsa_key_decode(der, length);
    if (decoded != NULL)
        done = rsa_key_encode(decoded, &key, err) && add_key(&reading->bundle, &key, err);
    EVP_PKEY_free(decoded);
    ERR_clear_error();
    return done;
}

static bool take_der(struct bundle *bundle, const unsigned char *der, size_t length, struct error *err) {
    struct certificate *certificate = NULL;

    if (!certificate_parse(der, length, &certificate, err))
        return error_context(err, "certificate %zu of the file", bundle->count + 1);
    return add(bundle, certificate, err);
}

static bool take_stack(struct bundle *bundle, const STACK_OF(X509) * stack, struct error *err) {
    for (int i = 0; i < sk_X509_num(stack); i++) {
        unsigned char *der = NULL;
        int length = i2d_X509(sk_X509_value(stack, i), &der);
        bool done;

        if (length <= 0)
            return error_openssl(err, ERROR_CRYPTO, "encoding certificate %d of the file failed", i + 1);
        done = take_der(bundle, der, (size_t)length, err);
        OPENSSL_free(der);
        if (!done)
            return false;
    }
    return true;
}

static bool take_pkcs7(struct bundle *bundle, const unsigned char *data, size_t length, struct error *err) {
    const unsigned char *end = data;
    PKCS7 *pkcs7 = d2i_PKCS7(NULL, &end, (long)length);
    const STACK_OF(X509) *certificates = NULL;
    bool done = false;

    if (pkcs7 == NULL)
        return error_openssl(err, ERROR_DATA, "the file begins like a PKCS #7 (P7B), but is damaged or was cut short");
    if (end != data + length) {
        error_set(err, ERROR_DATA, "%zu bytes follow the end of the PKCS #7 (P7B): it is damaged",
                  length - (size_t)(end - data));
        goto out;
    }
    if (PKCS7_type_is_signed(pkcs7) && pkcs7->d.sign != NULL) {
        certificates = pkcs7->d.sign->cert;
    } else if (PKCS7_type_is_signedAndEnveloped(pkcs7) && pkcs7->d.signed_and_enveloped != NULL) {
        certificates = pkcs7->d.signed_and_enveloped->cert;
    } else {
        error_set(err, ERROR_DATA, "the file is a PKCS #7 of a kind that carries no certificates");
        goto out;
    }
    done = take_stack(bundle, certificates, err);
out:
    PKCS7_free(pkcs7);
    return done;
}

static bool take_pfx(struct reading *reading, const unsigned char *data, size_t length, struct error *err) {
    struct bundle *bundle = &reading->bundle;
    struct pfx pfx = {0};
    bool done;

    if (!pfx_read(data, length, reading->password, reading->with_keys, &pfx, &bundle->needs_password, err))
        return false;
    bundle->has_key = bundle->has_key || pfx.has_key;
    done = take_stack(bundle, pfx.certificates, err);
    for (size_t i = 0; i < pfx.key_count; i++) {
        done = done && add_key(bundle, &pfx.keys[i], err);
        secret_free(&pfx.keys[i]);
    }
    sk_X509_pop_free(pfx.certificates, X509_free);
    return done;
}

/* Moves into or over one ASN.1 element. Its universal tag, or -1. */
static int element(const unsigned char **at, const unsigned char *end, bool enter) {
    const unsigned char *content = *at;
    long length = 0;
    int tag = 0;
    int class = 0;
    int result = ASN1_get_object(&content, &length, &tag, &class, end - *at);

    if ((result & 0x80) != 0 || class != V_ASN1_UNIVERSAL)
        return -1;
    *at = enter ? content : content + length;
    return tag;
}

/* A certificate begins SEQUENCE { SEQUENCE, PKCS #7 SEQUENCE { OID, a PFX SEQUENCE { INTEGER 3, SEQUENCE { OID; private
 * keys begin SEQUENCE { INTEGER 0 or 1. */
static enum kind sniff(const unsigned char *data, size_t length) {
    const unsigned char *at = data;
    const unsigned char *end = data + length;
    enum kind kind = KIND_NONE;

    if (element(&at, end, true) == V_ASN1_SEQUENCE && at < end) {
        const unsigned char *version = at;
        int tag = element(&at, end, false);

        if (tag == V_ASN1_SEQUENCE)
            kind = KIND_CERTIFICATE;
        else if (tag == V_ASN1_OBJECT)
            kind = KIND_PKCS7;
        else if (tag == V_ASN1_INTEGER)
            kind = at - version == 3 && version[2] == 3 ? KIND_PFX : KIND_KEY;
    } else if (length > 0 && data[0] == 0x30) {
        /* Cut short: the parser of certificates says so. */
        kind = KIND_CERTIFICATE;
    }
    ERR_clear_error();
    return kind;
}

static bool take_binary(struct reading *reading, const unsigned char *data, size_t length, struct error *err) {
    switch (sniff(data, length)) {
    case KIND_CERTIFICATE:
        return take_der(&reading->bundle, data, length, err);
    case KIND_PKCS7:
        return take_pkcs7(&reading->bundle, data, length, err);
    case KIND_PFX:
        return take_pfx(reading, data, length, err);
    case KIND_KEY:
        return take_key(reading, data, length, err);
    case KIND_NONE:
        break;
    }
    return error_set(err, ERROR_DATA,
                     "the file is neither a certificate (DER or PEM) nor a PKCS #7 (P7B) nor a PFX; text in UTF-16 and "
                     "base-64 without its BEGIN line are not read either");
}

/* A block of OpenSSL's own "trusted" form has settings of OpenSSL behind the certificate. */
static bool take_trusted(struct bundle *bundle, const unsigned char *data, size_t length, struct error *err) {
    const unsigned char *end = data;
    X509 *x509 = d2i_X509(NULL, &end, (long)length);
    bool done;

    if (x509 == NULL)
        return error_openssl(err, ERROR_DATA, "certificate %zu of the file is damaged", bundle->count + 1);
    X509_free(x509);
    done = take_der(bundle, data, (size_t)(end - data), err);
    return done;
}

/* `certutil -encode` of Windows writes "CERTIFICATE" around whatever it is given, so the content decides. */
static bool take_block(struct reading *reading, const char *name, const unsigned char *data, size_t length,
                       struct error *err) {
    const char *end = name + strlen(name);
    size_t key = strlen("PRIVATE KEY");

    if (strcmp(name, PEM_STRING_X509_TRUSTED) == 0)
        return take_trusted(&reading->bundle, data, length, err);
    if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0 ||
        strcmp(name, PEM_STRING_PKCS7) == 0 || strcmp(name, PEM_STRING_PKCS7_SIGNED) == 0 ||
        strcmp(name, PEM_STRING_CMS) == 0 || strcmp(name, "PKCS12") == 0)
        return take_binary(reading, data, length, err);
    if (strcmp(name, PEM_STRING_PKCS8INF) == 0)
        return take_key(reading, data, length, err);
    if ((size_t)(end - name) >= key && strcmp(end - key, "PRIVATE KEY") == 0)
        reading->bundle.has_key = true;
    return true;
}

static bool take_pem(struct reading *reading, const unsigned char *data, size_t length, struct error *err) {
    BIO *bio = BIO_new_mem_buf(data, (int)length);
    bool done = true;

    if (bio == NULL)
        return error_memory(err);
    while (done) {
        char *name = NULL;
        char *header = NULL;
        unsigned char *block = NULL;
        long size = 0;

        ERR_clear_error();
        if (PEM_read_bio(bio, &name, &header, &block, &size) != 1) {
            if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
                done = error_openssl(err, ERROR_DATA, "a PEM block behind %zu certificates is damaged",
                                     reading->bundle.count);
            break;
        }
        done = take_block(reading, name, block, (size_t)size, err);
        OPENSSL_free(block);
        OPENSSL_free(name);
        OPENSSL_free(header);
    }
    BIO_free(bio);
    return done;
}

static bool read_all(struct reading *reading, const unsigned char *data, size_t length, struct error *err) {
    bool done;

    if (length == 0)
        return error_set(err, ERROR_DATA, "the file is empty");
    if (length > BUNDLE_FILE_MOST) {
        return error_set(err, ERROR_DATA, "the file has %zu bytes; more than %d are not read", length,
                         BUNDLE_FILE_MOST);
    }
    /* Binary forms begin with 0x30; a "-----BEGIN " inside one is somebody's text. */
    if (data[0] != 0x30 && memmem(data, length, PEM_BEGIN, strlen(PEM_BEGIN)) != NULL)
        done = take_pem(reading, data, length, err);
    else
        done = take_binary(reading, data, length, err);
    if (done && reading->bundle.count == 0) {
        return error_set(
            err, ERROR_DATA,
            reading->bundle.has_key
                ? "the file holds a private key, but no certificate; import a PFX with both, or the certificate"
                : "the file holds no certificate");
    }
    return done;
}

static bool read_file(struct reading *reading, const unsigned char *data, size_t length, struct bundle *ret_bundle,
                      struct error *err) {
    bool done = read_all(reading, data, length, err);

    ERR_clear_error();
    if (!done) {
        bool needs_password = reading->bundle.needs_password;

        bundle_free(&reading->bundle);
        reading->bundle.needs_password = needs_password;
    }
    *ret_bundle = reading->bundle;
    return done;
}

bool bundle_read(const unsigned char *data, size_t length, const struct secret *password, struct bundle *ret_bundle,
                 struct error *err) {
    struct reading reading = {.password = password};

    return read_file(&reading, data, length, ret_bundle, err);
}

bool bundle_read_keys(const unsigned char *data, size_t length, const struct secret *password,
                      struct bundle *ret_bundle, struct error *err) {
    struct reading reading = {.password = password, .with_keys = true};

    return read_file(&reading, data, length, ret_bundle, err);
}

void bundle_free(struct bundle *bundle) {
    for (size_t i = 0; i < bundle->count; i++)
        certificate_free(bundle->certificates[i]);
    free(bundle->certificates);
    for (size_t i = 0; i < bundle->key_count; i++)
        secret_free(&bundle->keys[i]);
    free(bundle->keys);
    *bundle = (struct bundle){0};
}
