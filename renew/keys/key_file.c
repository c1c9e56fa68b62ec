#include "renew/keys/key_file.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/letters/oddity.h"
#include "renew/keys/work.h"

/* scrypt with these asks 16 MiB and some 40 ms of whoever tries a password. */
#define SCRYPT_N 16384
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SALT_SIZE 16

static bool take_key(bool encrypted, const unsigned char *der, size_t length, struct key_file *file,
                     struct error *err) {
    if (file->key.value != NULL)
        return error_set(err, ERROR_DATA, "it holds more than one private key");
    file->encrypted = encrypted;
    return secret_copy(der, length, &file->key, err);
}

/* Takes one PEM block for what its name says. */
static bool take_block(const char *name, const char *header, const unsigned char *der, size_t length,
                       struct key_file *file, struct error *err) {
    if (strcmp(name, PEM_STRING_X509) == 0) {
        if (file->certificate != NULL)
            return error_set(err, ERROR_DATA, "it holds more than one certificate");
        return certificate_parse(der, length, &file->certificate, err);
    }
    if (strcmp(name, PEM_STRING_PKCS8) == 0)
        return take_key(true, der, length, file, err);
    if (strcmp(name, PEM_STRING_PKCS8INF) == 0 && header[0] == '\0')
        return take_key(false, der, length, file, err);
    return error_set(err, ERROR_DATA, "it holds a part \"%s\" that is neither a certificate nor a PKCS #8 key", name);
}

bool key_file_parse(const void *data, size_t length, struct key_file *ret_file, struct error *err) {
    struct key_file file = {0};
    BIO *text = NULL;
    bool done = false;

    if (length > KEY_FILE_MOST)
        return error_set(err, ERROR_DATA, "it holds more than %d bytes", KEY_FILE_MOST);
    ERR_clear_error();
    text = BIO_new_mem_buf(data, (int)length);
    if (text == NULL) {
        error_memory(err);
        goto out;
    }
    for (;;) {
        char *name = NULL;
        char *header = NULL;
        unsigned char *der = NULL;
        long size = 0;
        bool taken;

        if (PEM_read_bio(text, &name, &header, &der, &size) != 1)
            break;
        taken = take_block(name, header, der, (size_t)size, &file, err);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(der);
        if (!taken)
            goto out;
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        error_openssl(err, ERROR_DATA, "its PEM text is damaged");
    else if (file.certificate == NULL)
        error_set(err, ERROR_DATA, "it holds no certificate");
    else if (file.key.value == NULL)
        error_set(err, ERROR_DATA, "it holds no private key");
    else
        done = true;
out:
    if (done)
        *ret_file = file;
    else
        key_file_free(&file);
    BIO_free(text);
    ERR_clear_error();
    return done;
}

static bool decrypt(const struct key_file *file, const struct secret *password, struct secret *ret_key,
                    struct error *err) {
    const unsigned char *end = (const unsigned char *)file->key.value;
    X509_SIG *sealed = d2i_X509_SIG(NULL, &end, (long)file->key.length);
    const X509_ALGOR *algorithm = NULL;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    unsigned char *der = NULL;
    char odd[ODDITY_SIZE];
    int length = -1;
    bool done = false;

    if (sealed == NULL || end != (const unsigned char *)file->key.value + file->key.length) {
        error_set(err, ERROR_DATA, "its private key is damaged: it is no encrypted PKCS #8");
        goto out;
    }
    if (password == NULL || password->value == NULL) {
        error_set(err, ERROR_CREDENTIALS,
                  "its private key is encrypted, and no key password is configured; set key_password_file or "
                  "key_password_credential in [state] to the password that it was kept with");
        goto out;
    }
    X509_SIG_get0(sealed, &algorithm, NULL);
    if (!work_allowed(algorithm)) {
        error_set(err, ERROR_DATA,
                  "it asks for so much work on the key password that it only serves to keep this host "
                  "busy");
        goto out;
    }
    info = PKCS8_decrypt(sealed, password->value, (int)password->length);
    if (info == NULL) {
        error_set(err, ERROR_CREDENTIALS,
                  "the key password does not open its private key; give the one that it was kept with "
                  "(key_password_file or key_password_credential in [state]); if that is the one given, the file is "
                  "damaged: put it back from a backup%s",
                  oddity_note(password->value, password->length, odd));
        goto out;
    }
    length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    if (length <= 0)
        error_openssl(err, ERROR_CRYPTO, "encoding its private key failed");
    else
        done = secret_copy(der, (size_t)length, ret_key, err);
out:
    OPENSSL_free(der);
    PKCS8_PRIV_KEY_INFO_free(info);
    X509_SIG_free(sealed);
    return done;
}

bool key_file_open(const struct key_file *file, const struct secret *password, struct keypair *ret_pair,
                   struct error *err) {
    struct keypair pair = {0};
    bool done = false;

    ERR_clear_error();
    if (!certificate_parse(file->certificate->der, file->certificate->der_length, &pair.certificate, err))
        goto out;
    if (file->encrypted ? !decrypt(file, password, &pair.key, err)
                        : !secret_copy(file->key.value, file->key.length, &pair.key, err))
        goto out;
    if (!keypair_matches(&pair, err))
        goto out;
    *ret_pair = pair;
    pair = (struct keypair){0};
    done = true;
out:
    keypair_free(&pair);
    ERR_clear_error();
    return done;
}

/* The key as encrypted PKCS #8. NULL with OpenSSL's error queue. */
static X509_SIG *encrypt(const struct keypair *pair, const struct secret *password) {
    const unsigned char *der = (const unsigned char *)pair->key.value;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)pair->key.length);
    X509_ALGOR *algorithm = NULL;
    X509_SIG *sealed = NULL;

    if (info != NULL)
        algorithm = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, SALT_SIZE, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
    if (algorithm != NULL)
        sealed = PKCS8_set0_pbe(password->value, (int)password->length, info, algorithm);
    if (sealed == NULL)
        X509_ALGOR_free(algorithm); /* else it is part of `sealed` */
    PKCS8_PRIV_KEY_INFO_free(info);
    return sealed;
}

static bool write_key(BIO *text, const struct keypair *pair, const struct secret *password) {
    X509_SIG *sealed;
    bool done;

    if (password == NULL)
        return PEM_write_bio(text, PEM_STRING_PKCS8INF, "", (const unsigned char *)pair->key.value,
                             (long)pair->key.length) > 0;
    sealed = encrypt(pair, password);
    done = sealed != NULL && PEM_write_bio_PKCS8(text, sealed) > 0;
    X509_SIG_free(sealed);
    return done;
}

bool key_file_compose(const struct keypair *pair, const struct secret *password, struct secret *ret_text,
                      struct error *err) {
    const struct certificate *certificate = pair->certificate;
    BIO *text = NULL;
    char *start = NULL;
    long length;
    bool done = false;

    if (password != NULL && (password->value == NULL || password->length == 0))
        return error_set(err, ERROR_BUG, "the key of certificate %s was to be kept under an empty password",
                         certificate->thumbprint);
    ERR_clear_error();
    text = BIO_new(BIO_s_mem());
    if (text == NULL ||
        PEM_write_bio(text, PEM_STRING_X509, "", certificate->der, (long)certificate->der_length) <= 0 ||
        !write_key(text, pair, password)) {
        error_openssl(err, ERROR_CRYPTO, "encrypting the key of certificate %s failed", certificate->thumbprint);
        goto out;
    }
    length = BIO_get_mem_data(text, &start);
    done = secret_copy(start, (size_t)length, ret_text, err);
out:
    BIO_free(text);
    ERR_clear_error();
    return done;
}

void key_file_free(struct key_file *file) {
    if (file == NULL)
        return;
    certificate_free(file->certificate);
    secret_free(&file->key);
    *file = (struct key_file){0};
}
