#include "renew/keys/pfx.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "renew/keys/rsa_key.h"
#include "renew/keys/work.h"

#define SAFES_MOST 64 /* a PFX has two */
#define BAGS_MOST 256
#define DEPTH_MOST 4 /* of bags within bags */

/* One of the spellings of a password that a PFX knows: none at all and the empty one are different keys. */
struct phrase {
    const char *value;
    int length;
};

/* Everything in the making. */
struct reading {
    OSSL_LIB_CTX *library; /* our own, so that old ciphers stay out of the rest of the program */
    OSSL_PROVIDER *standard;
    OSSL_PROVIDER *legacy; /* NULL where it is not installed */
    PKCS12 *pfx;
    struct phrase phrases[2];
    size_t phrase_count;
    bool proved; /* the MAC showed that phrases[0] is right */
    bool with_keys;
    struct pfx found;
    size_t bags;
};

static bool libraries_open(struct reading *reading, struct error *err) {
    reading->library = OSSL_LIB_CTX_new();
    if (reading->library == NULL)
        return error_memory(err);
    reading->standard = OSSL_PROVIDER_load(reading->library, "default");
    if (reading->standard == NULL)
        return error_openssl(err, ERROR_CRYPTO, "loading OpenSSL's default provider failed");
    reading->legacy = OSSL_PROVIDER_load(reading->library, "legacy");
    ERR_clear_error();
    return true;
}

static void reading_free(struct reading *reading) {
    sk_X509_pop_free(reading->found.certificates, X509_free);
    for (size_t i = 0; i < reading->found.key_count; i++)
        secret_free(&reading->found.keys[i]);
    PKCS12_free(reading->pfx);
    if (reading->legacy != NULL)
        OSSL_PROVIDER_unload(reading->legacy);
    if (reading->standard != NULL)
        OSSL_PROVIDER_unload(reading->standard);
    OSSL_LIB_CTX_free(reading->library);
}

static bool refuse_work(struct error *err) {
    return error_set(err, ERROR_DATA,
                     "the PFX asks to stretch its password more than %d times, which only serves to keep this host "
                     "busy; export the certificate again, without its key",
                     WORK_ROUNDS_MOST);
}

static bool wrong_password(const struct reading *reading, bool *ret_needs_password, struct error *err) {
    *ret_needs_password = true;
    ERR_clear_error();
    if (reading->phrase_count == 2)
        return error_set(err, ERROR_CREDENTIALS, "the PFX is protected with a password, and none was given");
    return error_set(err, ERROR_CREDENTIALS,
                     "the password does not open the PFX; look at upper and lower case and at the keyboard's layout; "
                     "one that Windows protected for accounts and not by a password must be exported again with one");
}

/* The MAC proves the password before anything is decrypted with it. */
static bool check_mac(struct reading *reading, bool *ret_needs_password, struct error *err) {
    const ASN1_INTEGER *iterations = NULL;

    if (PKCS12_mac_present(reading->pfx) != 1)
        return true;
    PKCS12_get0_mac(NULL, NULL, NULL, &iterations, reading->pfx);
    if (!work_rounds_allowed(iterations))
        return refuse_work(err);
    for (size_t i = 0; i < reading->phrase_count; i++) {
        ERR_clear_error();
        if (PKCS12_verify_mac(reading->pfx, reading->phrases[i].value, reading->phrases[i].length) == 1) {
            reading->phrases[0] = reading->phrases[i];
            reading->phrase_count = 1;
            reading->proved = true;
            return true;
        }
        /* A mismatch leaves nothing in the queue; anything there means that the check itself was not possible. */
        if (ERR_peek_error() != 0) {
            return error_openssl(err, ERROR_DATA,
                                 "the PFX's check sum (MAC) cannot be computed, so its password cannot be tried; "
                                 "export the certificate alone (DER, PEM or P7B) and import that");
        }
    }
    return wrong_password(reading, ret_needs_password, err);
}

/* Was it the way of encrypting that failed, and not the password? Only OpenSSL's first complaint names the cause. */
static bool cipher_missing(void) {
    unsigned long code = ERR_peek_error();
    int reason = ERR_GET_REASON(code);

    return ERR_GET_LIB(code) == ERR_LIB_EVP &&
           (reason == ERR_R_UNSUPPORTED || reason == ERR_R_FETCH_FAILED || reason == EVP_R_UNSUPPORTED_ALGORITHM ||
            reason == EVP_R_UNSUPPORTED_CIPHER || reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION ||
            reason == EVP_R_UNSUPPORTED_PRF || reason == EVP_R_UNKNOWN_CIPHER || reason == EVP_R_UNKNOWN_PBE_ALGORITHM);
}

static bool refuse_cipher(const struct reading *reading, const char *what, const X509_ALGOR *algorithm,
                          struct error *err) {
    char name[80] = "unknown";

    if (OBJ_obj2txt(name, sizeof(name), algorithm->algorithm, 0) <= 0)
        memcpy(name, "unknown", sizeof("unknown"));
    ERR_clear_error();
    return error_set(err, ERROR_DATA,
                     "%s of the PFX is encrypted with %s, which OpenSSL on this host cannot do%s; take "
                     "them out where it can, and import the result: on Windows `certutil -dump` or an export of the "
                     "certificate alone, elsewhere `openssl pkcs12 -legacy -nokeys -in FILE.pfx -out FILE.pem`",
                     what, name, reading->legacy == NULL ? " (its legacy provider is not installed)" : "");
}

/* Decrypts one safe with what is known of the password. */
static STACK_OF(PKCS12_SAFEBAG) *
    decrypt_safe(struct reading *reading, const PKCS7 *safe, bool *ret_needs_password, struct error *err) {
    const PKCS7_ENC_CONTENT *content = safe->d.encrypted != NULL ? safe->d.encrypted->enc_data : NULL;

    if (content == NULL || content->algorithm == NULL || content->enc_data == NULL) {
        error_set(err, ERROR_DATA, "the PFX is damaged: its encrypted part is empty");
        return NULL;
    }
    if (!work_allowed(content->algorithm)) {
        refuse_work(err);
        return NULL;
    }
    for (size_t i = 0; i < reading->phrase_count; i++) {
        STACK_OF(PKCS12_SAFEBAG) * bags;

        ERR_clear_error();
        bags =
            PKCS12_item_decrypt_d2i_ex(content->algorithm, ASN1_ITEM_rptr(PKCS12_SAFEBAGS), reading->phrases[i].value,
                                       reading->phrases[i].length, content->enc_data, 1, reading->library, NULL);
        if (bags != NULL)
            return bags;
        if (cipher_missing()) {
            refuse_cipher(reading, "a part", content->algorithm, err);
            return NULL;
        }
    }
    if (reading->proved)
        error_openssl(err, ERROR_DATA, "the password is right, but a part of the PFX cannot be decrypted with it");
    else
        wrong_password(reading, ret_needs_password, err);
    return NULL;
}

static bool take_certificate(struct reading *reading, const PKCS12_SAFEBAG *bag, struct error *err) {
    X509 *x509;

    if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
        return true;
    x509 = PKCS12_SAFEBAG_get1_cert(bag);
    if (x509 == NULL)
        return error_openssl(err, ERROR_DATA, "a certificate in the PFX is damaged");
    if (sk_X509_push(reading->found.certificates, x509) <= 0) {
        X509_free(x509);
        return error_memory(err);
    }
    return true;
}

/* Keeps a key as we write keys ourselves: without the attributes that Windows puts into it. */
static bool keep_key(struct reading *reading, const PKCS8_PRIV_KEY_INFO *info, struct error *err) {
    EVP_PKEY *key = NULL;
    unsigned char *der = NULL;
    int length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    bool done = true;

    if (length <= 0) {
        done = error_openssl(err, ERROR_DATA, "a private key in the PFX is damaged");
    } else if (reading->found.key_count == PFX_KEYS_MOST) {
        done = error_set(err, ERROR_DATA, "the PFX holds more than %d private keys; it is not one to import",
                         PFX_KEYS_MOST);
    } else if ((key = rsa_key_decode(der, (size_t)length)) != NULL) {
        done = rsa_key_encode(key, &reading->found.keys[reading->found.key_count], err);
        reading->found.key_count += done;
    }
    EVP_PKEY_free(key);
    OPENSSL_free(der);
    ERR_clear_error();
    return done;
}

static bool take_key(struct reading *reading, const PKCS12_SAFEBAG *bag, bool *ret_needs_password, struct error *err) {
    const X509_ALGOR *algorithm = NULL;

    reading->found.has_key = true;
    if (!reading->with_keys)
        return true;
    if (PKCS12_SAFEBAG_get_nid(bag) == NID_keyBag)
        return keep_key(reading, PKCS12_SAFEBAG_get0_p8inf(bag), err);
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
    if (!work_allowed(algorithm))
        return refuse_work(err);
    for (size_t i = 0; i < reading->phrase_count; i++) {
        PKCS8_PRIV_KEY_INFO *info;
        bool done;

        ERR_clear_error();
        info =
            PKCS12_decrypt_skey_ex(bag, reading->phrases[i].value, reading->phrases[i].length, reading->library, NULL);
        if (info != NULL) {
            done = keep_key(reading, info, err);
            PKCS8_PRIV_KEY_INFO_free(info); /* wiped by OpenSSL */
            return done;
        }
        if (cipher_missing())
            return refuse_cipher(reading, "the private key", algorithm, err);
    }
    if (reading->proved)
        return error_openssl(err, ERROR_DATA, "the password is right, but the PFX's private key cannot be decrypted");
    return wrong_password(reading, ret_needs_password, err);
}

static bool take_bags(struct reading *reading, const STACK_OF(PKCS12_SAFEBAG) * bags, int depth,
                      bool *ret_needs_password, struct error *err) {
    if (depth > DEPTH_MOST)
        return error_set(err, ERROR_DATA, "the PFX is damaged: its bags are nested more than %d deep", DEPTH_MOST);
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);

        if (++reading->bags > BAGS_MOST)
            return error_set(err, ERROR_DATA, "the PFX holds more than %d entries; it is not one to import", BAGS_MOST);
        switch (PKCS12_SAFEBAG_get_nid(bag)) {
        case NID_certBag:
            if (!take_certificate(reading, bag, err))
                return false;
            break;
        case NID_keyBag:
        case NID_pkcs8ShroudedKeyBag:
            if (!take_key(reading, bag, ret_needs_password, err))
                return false;
            break;
        case NID_safeContentsBag:
            if (!take_bags(reading, PKCS12_SAFEBAG_get0_safes(bag), depth + 1, ret_needs_password, err))
                return false;
            break;
        default: /* CRLs and secrets of other programs */
            break;
        }
    }
    return true;
}

static bool take_safe(struct reading *reading, PKCS7 *safe, bool *ret_needs_password, struct error *err) {
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    bool done;

    if (PKCS7_type_is_data(safe)) {
        bags = PKCS12_unpack_p7data(safe);
        if (bags == NULL)
            return error_openssl(err, ERROR_DATA, "the PFX is damaged: a part of it cannot be decoded");
    } else if (PKCS7_type_is_encrypted(safe)) {
        bags = decrypt_safe(reading, safe, ret_needs_password, err);
        if (bags == NULL)
            return false;
    } else {
        return error_set(err, ERROR_DATA,
                         "a part of the PFX is encrypted to a certificate instead of a password, which is not "
                         "supported; export it again with a password");
    }
    done = take_bags(reading, bags, 0, ret_needs_password, err);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return done;
}

static bool take_all(struct reading *reading, bool *ret_needs_password, struct error *err) {
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(reading->pfx);
    bool done = false;

    if (safes == NULL)
        return error_openssl(err, ERROR_DATA, "the PFX is damaged: its content cannot be decoded");
    if (sk_PKCS7_num(safes) > SAFES_MOST) {
        error_set(err, ERROR_DATA, "the PFX has more than %d parts; it is not one to import", SAFES_MOST);
        goto out;
    }
    for (int i = 0; i < sk_PKCS7_num(safes); i++)
        if (!take_safe(reading, sk_PKCS7_value(safes, i), ret_needs_password, err))
            goto out;
    done = true;
out:
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return done;
}

static bool decode(struct reading *reading, const unsigned char *data, size_t length, struct error *err) {
    const unsigned char *end = data;

    reading->pfx = d2i_PKCS12(NULL, &end, (long)length);
    if (reading->pfx == NULL)
        return error_openssl(err, ERROR_DATA, "the file begins like a PFX, but is damaged or was cut short");
    if (end != data + length) {
        return error_set(err, ERROR_DATA, "%zu bytes follow the end of the PFX: it is damaged",
                         length - (size_t)(end - data));
    }
    reading->found.certificates = sk_X509_new_null();
    return reading->found.certificates != NULL ? true : error_memory(err);
}

bool pfx_read(const unsigned char *data, size_t length, const struct secret *password, bool with_keys,
              struct pfx *ret_pfx, bool *ret_needs_password, struct error *err) {
    struct reading reading = {.with_keys = with_keys};
    bool done = false;

    if (password != NULL && password->value != NULL && password->length > 0) {
        reading.phrases[0] = (struct phrase){password->value, (int)password->length};
        reading.phrase_count = 1;
    } else {
        reading.phrases[0] = (struct phrase){NULL, 0};
        reading.phrases[1] = (struct phrase){"", 0};
        reading.phrase_count = 2;
    }
    if (!libraries_open(&reading, err) || !decode(&reading, data, length, err) ||
        !check_mac(&reading, ret_needs_password, err) || !take_all(&reading, ret_needs_password, err))
        goto out;
    *ret_pfx = reading.found;
    reading.found = (struct pfx){0};
    done = true;
out:
    reading_free(&reading);
    ERR_clear_error();
    return done;
}
