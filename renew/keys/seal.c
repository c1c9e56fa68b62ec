#include "renew/keys/seal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "renew/keys/bundle.h"
#include "renew/keys/key_file.h"

#define CURVE "prime256v1" /* P-256 */
#define CURVE_NAME_SIZE 64
#define PAIR_LEAST 1024 /* bytes of the PEM text of a certificate and a key of 2048 bits, at the least */

static X509 *decode(const struct recovery *recovery) {
    const unsigned char *der = recovery->certificate->der;

    return d2i_X509(NULL, &der, (long)recovery->certificate->der_length);
}

static bool on_p256(const EVP_PKEY *key) {
    char name[CURVE_NAME_SIZE] = "";
    size_t length = 0;

    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name), &length) == 1 &&
           strcmp(name, CURVE) == 0;
}

static bool key_will_do(const struct recovery *recovery, struct error *err) {
    const struct certificate *certificate = recovery->certificate;
    X509 *x509 = decode(recovery);
    const EVP_PKEY *key = x509 != NULL ? X509_get0_pubkey(x509) : NULL;
    bool done = key != NULL && (certificate->rsa ? certificate->key_bits >= SEAL_RSA_BITS : on_p256(key));

    X509_free(x509);
    ERR_clear_error();
    return done || error_set(err, ERROR_CONFIG,
                             "its key is %s; an RSA key of at least %d bits or one on P-256 is needed, which keeps a "
                             "secret that long",
                             certificate->key, SEAL_RSA_BITS);
}

bool recovery_read(const void *data, size_t length, struct recovery *ret_recovery, struct error *err) {
    struct recovery recovery = {0};
    struct bundle bundle = {0};
    struct error why = {0};
    bool done = false;

    if (length > SEAL_CERTIFICATE_MOST)
        return error_set(err, ERROR_CONFIG, "it has more than %d bytes; one certificate is needed",
                         SEAL_CERTIFICATE_MOST);
    if (!bundle_read(data, length, NULL, &bundle, &why)) {
        if (bundle.has_key || why.kind != ERROR_LOCAL)
            why.kind = ERROR_CONFIG;
        return error_set(err, why.kind, "%s", why.text);
    }
    if (bundle.has_key) {
        error_set(err, ERROR_CONFIG,
                  "it holds a private key: with that on this host, sealing protects nothing. Move the key to where it "
                  "is kept offline, and leave the certificate alone here");
    } else if (bundle.count != 1) {
        error_set(err, ERROR_CONFIG, "it holds %zu certificates; exactly one is needed", bundle.count);
    } else {
        recovery.certificate = bundle.certificates[0];
        bundle.count = 0;
        done = key_will_do(&recovery, err);
    }
    if (done)
        *ret_recovery = recovery;
    else
        recovery_free(&recovery);
    bundle_free(&bundle);
    return done;
}

bool recovery_ended(const struct recovery *recovery, time_t now) {
    return now >= recovery->certificate->not_after;
}

void recovery_free(struct recovery *recovery) {
    certificate_free(recovery->certificate);
    *recovery = (struct recovery){0};
}

/* What OpenSSL leaves to old defaults, PKCS #1 v1.5 and SHA-1, is asked for by name. The certificate's key usage is not
 * looked at: whoever named it as recovery certificate means it to be sealed to. */
static bool set_recipient(CMS_RecipientInfo *recipient, bool rsa) {
    EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(recipient);

    if (context == NULL)
        return false;
    if (!rsa)
        return EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) > 0;
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0;
}

/* NULL with OpenSSL's error queue. */
static CMS_ContentInfo *encrypt(X509 *x509, bool rsa, const struct secret *text) {
    const unsigned flags = CMS_BINARY | CMS_PARTIAL;
    BIO *content = BIO_new_mem_buf(text->value, (int)text->length);
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), flags);
    CMS_RecipientInfo *recipient = NULL;
    bool done;

    if (content != NULL && cms != NULL)
        recipient = CMS_add1_recipient_cert(cms, x509, CMS_KEY_PARAM);
    done = recipient != NULL && set_recipient(recipient, rsa) && CMS_final(cms, content, NULL, flags) == 1;
    BIO_free(content);
    if (!done) {
        CMS_ContentInfo_free(cms);
        cms = NULL;
    }
    return cms;
}

static bool encode(CMS_ContentInfo *cms, struct bytes *ret_sealed, struct error *err) {
    unsigned char *der = NULL;
    int length = i2d_CMS_ContentInfo(cms, &der);
    struct secret copy = {0};
    bool done = length > 0 ? secret_copy(der, (size_t)length, &copy, err)
                           : error_openssl(err, ERROR_CRYPTO, "encoding the sealed key pair failed");

    if (done)
        *ret_sealed = (struct bytes){.data = (unsigned char *)copy.value, .length = copy.length};
    OPENSSL_free(der);
    return done;
}

bool seal_pair(const struct recovery *recovery, const struct keypair *pair, struct bytes *ret_sealed,
               struct error *err) {
    struct secret text = {0};
    CMS_ContentInfo *cms = NULL;
    X509 *x509 = NULL;
    bool done = false;

    if (!keypair_matches(pair, err) || !key_file_compose(pair, NULL, &text, err))
        return false;
    ERR_clear_error();
    x509 = decode(recovery);
    if (x509 != NULL)
        cms = encrypt(x509, recovery->certificate->rsa, &text);
    if (cms == NULL)
        error_openssl(err, ERROR_CRYPTO, "sealing the key pair %s to the recovery certificate failed",
                      pair->certificate->thumbprint);
    else
        done = encode(cms, ret_sealed, err);
    CMS_ContentInfo_free(cms);
    X509_free(x509);
    secret_free(&text);
    ERR_clear_error();
    return done;
}

/* By issuer and serial number, and the kind of its key. */
static bool is_recipient(CMS_RecipientInfo *recipient, X509 *x509, bool rsa) {
    STACK_OF(CMS_RecipientEncryptedKey) * keys;

    if (CMS_RecipientInfo_type(recipient) != (rsa ? CMS_RECIPINFO_TRANS : CMS_RECIPINFO_AGREE))
        return false;
    if (rsa)
        return CMS_RecipientInfo_ktri_cert_cmp(recipient, x509) == 0;
    keys = CMS_RecipientInfo_kari_get0_reks(recipient);
    return sk_CMS_RecipientEncryptedKey_num(keys) == 1 &&
           CMS_RecipientEncryptedKey_cert_cmp(sk_CMS_RecipientEncryptedKey_value(keys, 0), x509) == 0;
}

bool seal_is_for(const struct recovery *recovery, const void *data, size_t length) {
    const unsigned char *at = data;
    CMS_ContentInfo *cms = length > 0 && length <= LONG_MAX ? d2i_CMS_ContentInfo(NULL, &at, (long)length) : NULL;
    X509 *x509 = decode(recovery);
    STACK_OF(CMS_RecipientInfo) *recipients = NULL;
    ASN1_OCTET_STRING **content = NULL;
    bool ours;

    if (cms != NULL && at == (const unsigned char *)data + length &&
        OBJ_obj2nid(CMS_get0_type(cms)) == NID_id_smime_ct_authEnvelopedData) {
        recipients = CMS_get0_RecipientInfos(cms);
        content = CMS_get0_content(cms);
    }
    ours = x509 != NULL && content != NULL && *content != NULL && ASN1_STRING_length(*content) >= PAIR_LEAST &&
           sk_CMS_RecipientInfo_num(recipients) == 1 &&
           is_recipient(sk_CMS_RecipientInfo_value(recipients, 0), x509, recovery->certificate->rsa);
    CMS_ContentInfo_free(cms);
    X509_free(x509);
    ERR_clear_error();
    return ours;
}
