#include "renew/keys/sign.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "renew/keys/rsa_key.h"

static bool set_form(EVP_PKEY_CTX *context, enum signature_form form) {
    switch (form) {
    case SIGNATURE_PS256:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
    case SIGNATURE_RS256:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    }
    return false;
}

/* The signature in new memory; NULL when OpenSSL could not make it. */
static unsigned char *make(EVP_PKEY *key, enum signature_form form, const void *data, size_t length, size_t *ret_size) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context = NULL; /* the digest's */
    unsigned char *signature = NULL;
    size_t size = 0;
    bool done = digest != NULL && EVP_DigestSignInit(digest, &context, EVP_sha256(), NULL, key) == 1 &&
                set_form(context, form) && EVP_DigestSign(digest, NULL, &size, data, length) == 1 &&
                (signature = calloc(1, size + 1)) != NULL &&
                EVP_DigestSign(digest, signature, &size, data, length) == 1;

    EVP_MD_CTX_free(digest);
    if (!done) {
        free(signature);
        return NULL;
    }
    *ret_size = size;
    return signature;
}

static bool sign(void *context, enum signature_form form, const void *data, size_t length, struct bytes *ret_signature,
                 struct error *err) {
    const struct keypair *pair = context;
    unsigned char *signature;
    size_t size = 0;
    EVP_PKEY *key;

    ERR_clear_error();
    key = rsa_key_decode(pair->key.value, pair->key.length);
    signature = key != NULL ? make(key, form, data, length, &size) : NULL;
    EVP_PKEY_free(key);
    rsa_key_wipe_stack();
    if (signature == NULL)
        return error_openssl(err, ERROR_CRYPTO, "signing with the key of certificate %s failed",
                             pair->certificate->thumbprint);
    *ret_signature = (struct bytes){.data = signature, .length = size};
    ERR_clear_error();
    return true;
}

bool sign_lend(const struct keypair *pair, signer_work *work, void *context, struct error *err) {
    struct keypair lent = *pair;
    const struct signer signer = {.certificate = pair->certificate, .context = &lent, .sign = sign};

    return work(context, &signer, err);
}
