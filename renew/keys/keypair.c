#include "renew/keys/keypair.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "renew/keys/rsa_key.h"

#define SUBJECT "Microsoft Exchange Server Auth Certificate"
#define SERIAL_OCTETS 16
#define BITS_MOST 16384                  /* the largest that OpenSSL handles */
#define TIME_MOST ((time_t)253402300799) /* the last second that a certificate can name: of the year 9999 */

/* The extensions of the profile, in the order in which Exchange's own certificates carry them. */
static const struct {
    int nid;
    const char *value; /* as in openssl.cnf */
} extensions[] = {
    {NID_key_usage, "critical,digitalSignature,keyEncipherment"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_basic_constraints, "critical,CA:FALSE"},
};

static bool set_serial(X509 *x509) {
    unsigned char octets[SERIAL_OCTETS];
    BIGNUM *number;
    bool done;

    if (RAND_bytes(octets, sizeof(octets)) <= 0)
        return false;
    number = BN_bin2bn(octets, sizeof(octets), NULL);
    done = number != NULL && !BN_is_zero(number) && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
    BN_free(number);
    return done;
}

static bool set_times(X509 *x509, time_t not_before, time_t not_after) {
    return ASN1_TIME_set(X509_getm_notBefore(x509), not_before) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x509), not_after) != NULL;
}

static bool set_names(X509 *x509, const char *subject) {
    X509_NAME *name = X509_get_subject_name(x509);

    /* PrintableString is what Windows writes. */
    return X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_PRINTABLESTRING, (const unsigned char *)subject, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(x509, name) == 1;
}

static bool set_extensions(X509 *x509) {
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &context, extensions[i].nid, extensions[i].value);
        int added = extension != NULL ? X509_add_ext(x509, extension, -1) : 0;

        X509_EXTENSION_free(extension);
        if (added != 1)
            return false;
    }
    return true;
}

/* The self-signed certificate of `key`, parsed again from its bytes as everybody else will. */
static bool make_certificate(EVP_PKEY *key, const char *subject, struct span lifetime, time_t now,
                             struct certificate **ret_certificate, struct error *err) {
    time_t not_before = now - CERTIFICATE_BACKDATED;
    time_t not_after = time_add_span(not_before, lifetime);
    X509 *x509 = NULL;
    unsigned char *der = NULL;
    int length;
    bool done = false;

    if (not_after <= not_before || not_after > TIME_MOST)
        return error_set(err, ERROR_CRYPTO, "no certificate can live as long as was asked for; set a shorter lifetime");
    x509 = X509_new();
    if (x509 == NULL || X509_set_version(x509, X509_VERSION_3) != 1 || !set_serial(x509) ||
        !set_times(x509, not_before, not_after) || !set_names(x509, subject) || X509_set_pubkey(x509, key) != 1 ||
        !set_extensions(x509) || X509_sign(x509, key, EVP_sha256()) <= 0) {
        error_openssl(err, ERROR_CRYPTO, "making the certificate of a new key pair failed");
        goto out;
    }
    length = i2d_X509(x509, &der);
    if (length <= 0) {
        error_openssl(err, ERROR_CRYPTO, "encoding the certificate of a new key pair failed");
        goto out;
    }
    done = certificate_parse(der, (size_t)length, ret_certificate, err);
    if (!done)
        error_context(err, "reading back the certificate of a new key pair");
out:
    OPENSSL_free(der);
    X509_free(x509);
    return done;
}

bool keypair_make(int bits, struct span lifetime, time_t now, struct keypair *ret_pair, struct error *err) {
    return keypair_make_named(NULL, bits, lifetime, now, ret_pair, err);
}

bool keypair_make_named(const char *subject, int bits, struct span lifetime, time_t now, struct keypair *ret_pair,
                        struct error *err) {
    struct keypair pair = {0};
    EVP_PKEY *key = NULL;
    bool done = false;

    if (bits < CERTIFICATE_KEY_BITS || bits > BITS_MOST)
        return error_set(err, ERROR_CRYPTO,
                         "an RSA key of %d bits was asked for; Exchange takes those of %d to %d bits", bits,
                         CERTIFICATE_KEY_BITS, BITS_MOST);
    ERR_clear_error();
    key = EVP_RSA_gen((unsigned)bits);
    if (key == NULL) {
        error_openssl(err, ERROR_CRYPTO, "generating an RSA key of %d bits failed", bits);
        goto out;
    }
    if (!make_certificate(key, subject != NULL ? subject : SUBJECT, lifetime, now, &pair.certificate, err) ||
        !rsa_key_encode(key, &pair.key, err))
        goto out;
    *ret_pair = pair;
    pair = (struct keypair){0};
    done = true;
out:
    keypair_free(&pair);
    EVP_PKEY_free(key);
    rsa_key_wipe_stack();
    ERR_clear_error();
    return done;
}

bool keypair_matches(const struct keypair *pair, struct error *err) {
    const char *thumbprint = pair->certificate->thumbprint;
    const unsigned char *der = pair->certificate->der;
    EVP_PKEY *key;
    X509 *x509 = NULL;
    const EVP_PKEY *public_key;
    bool done = false;

    ERR_clear_error();
    key = rsa_key_decode(pair->key.value, pair->key.length);
    if (key == NULL) {
        error_set(err, ERROR_DATA, "what should be the private key of certificate %s is no RSA key in PKCS #8",
                  thumbprint);
        goto out;
    }
    x509 = d2i_X509(NULL, &der, (long)pair->certificate->der_length);
    public_key = x509 != NULL ? X509_get0_pubkey(x509) : NULL;
    if (public_key == NULL || EVP_PKEY_eq(key, public_key) != 1) {
        error_set(err, ERROR_DATA, "the private key is not that of certificate %s", thumbprint);
        goto out;
    }
    if (!rsa_key_is_whole(key)) {
        error_set(err, ERROR_DATA, "the private key of certificate %s is damaged: its parts do not belong together",
                  thumbprint);
        goto out;
    }
    done = true;
out:
    EVP_PKEY_free(key);
    X509_free(x509);
    rsa_key_wipe_stack();
    ERR_clear_error();
    return done;
}

void keypair_free(struct keypair *pair) {
    if (pair == NULL)
        return;
    certificate_free(pair->certificate);
    secret_free(&pair->key);
    *pair = (struct keypair){0};
}
