#include "renew/keys/pfx_write.h"

#include <limits.h>
#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/time.h"

#define FRIENDLY_NAME "Microsoft Exchange Server Auth Certificate - "
#define FRIENDLY_NAME_SIZE (sizeof(FRIENDLY_NAME) + TIME_TEXT_SIZE)
/* Of provider type 24. A key that lands in CNG instead breaks OWA and ECP. */
#define CSP_NAME "Microsoft Enhanced RSA and AES Cryptographic Provider"

#define RANDOM_PASSWORD_LENGTH 26
static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; /* RFC 4648 6 */

/* How a form protects. Passwords have 130 random bits, or at least twenty characters that an admin chose: stretching
 * adds little, and Windows itself writes 2000 rounds. */
struct protection {
    int algorithm; /* PBE of RFC 7292 C, or the cipher for PBES2 with PBKDF2-HMAC-SHA256 */
    int salt;      /* bytes */
    int mac_salt;
    int rounds;
    const EVP_MD *(*digest)(void); /* of the MAC */
};

static const struct protection protections[] = {
    [PFX_LEGACY] = {NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 8, 20, 2048, EVP_sha1},
    [PFX_MODERN] = {NID_aes_256_cbc, 16, 32, 10000, EVP_sha256},
};

struct writing {
    const struct keypair *pair;
    const struct secret *password;
    const struct protection *protection;
    char friendly_name[FRIENDLY_NAME_SIZE];
};

/* What ties key and certificate together, and names them on Windows. */
static bool add_attributes(const struct writing *writing, const X509 *x509, PKCS12_SAFEBAG *bag) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;

    return X509_digest(x509, EVP_sha1(), digest, &length) == 1 &&
           PKCS12_add_localkeyid(bag, digest, (int)length) == 1 &&
           PKCS12_add_friendlyname_utf8(bag, writing->friendly_name, -1) == 1;
}

/* The key in the machine's own store, not a user's: an attribute that is set by being there, with no value. */
static bool add_key_attributes(PKCS12_SAFEBAG *bag) {
    return PKCS12_add1_attr_by_NID(bag, NID_LocalKeySet, 0, NULL, -1) == 1 &&
           PKCS12_add_CSPName_asc(bag, CSP_NAME, -1) == 1;
}

/* Puts `bag` alone on a new list. The bag is taken in any case. */
static STACK_OF(PKCS12_SAFEBAG) * list_of(PKCS12_SAFEBAG *bag) {
    STACK_OF(PKCS12_SAFEBAG) *bags = bag != NULL ? sk_PKCS12_SAFEBAG_new_null() : NULL;

    if (bags == NULL || sk_PKCS12_SAFEBAG_push(bags, bag) <= 0) {
        PKCS12_SAFEBAG_free(bag);
        sk_PKCS12_SAFEBAG_free(bags);
        return NULL;
    }
    return bags;
}

static PKCS7 *make_key_safe(const struct writing *writing, const X509 *x509) {
    const struct protection *protection = writing->protection;
    const unsigned char *der = (const unsigned char *)writing->pair->key.value;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)writing->pair->key.length);
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    PKCS7 *safe = NULL;

    /* AT_KEYEXCHANGE is told within the PKCS #8, where Windows writes it too. */
    if (info != NULL && PKCS8_add_keyusage(info, KEY_EX) == 1)
        bags = list_of(PKCS12_SAFEBAG_create_pkcs8_encrypt(protection->algorithm, writing->password->value,
                                                           (int)writing->password->length, NULL, protection->salt,
                                                           protection->rounds, info));
    if (bags != NULL && add_attributes(writing, x509, sk_PKCS12_SAFEBAG_value(bags, 0)) &&
        add_key_attributes(sk_PKCS12_SAFEBAG_value(bags, 0)))
        safe = PKCS12_pack_p7data(bags);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    PKCS8_PRIV_KEY_INFO_free(info);
    return safe;
}

static PKCS7 *make_certificate_safe(const struct writing *writing, X509 *x509) {
    const struct protection *protection = writing->protection;
    STACK_OF(PKCS12_SAFEBAG) *bags = list_of(PKCS12_SAFEBAG_create_cert(x509));
    PKCS7 *safe = NULL;

    if (bags != NULL && add_attributes(writing, x509, sk_PKCS12_SAFEBAG_value(bags, 0)))
        safe = PKCS12_pack_p7encdata(protection->algorithm, writing->password->value, (int)writing->password->length,
                                     NULL, protection->salt, protection->rounds, bags);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return safe;
}

/* The key comes first, as in what Windows exports. */
static STACK_OF(PKCS7) * make_safes(const struct writing *writing, X509 *x509) {
    STACK_OF(PKCS7) *safes = sk_PKCS7_new_null();
    PKCS7 *key = make_key_safe(writing, x509);
    PKCS7 *certificate = make_certificate_safe(writing, x509);

    if (safes != NULL && key != NULL && certificate != NULL && sk_PKCS7_push(safes, key) > 0) {
        key = NULL;
        if (sk_PKCS7_push(safes, certificate) > 0)
            return safes;
    }
    PKCS7_free(key);
    PKCS7_free(certificate);
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return NULL;
}

static PKCS12 *make_pfx(const struct writing *writing) {
    const struct protection *protection = writing->protection;
    const unsigned char *der = writing->pair->certificate->der;
    X509 *x509 = d2i_X509(NULL, &der, (long)writing->pair->certificate->der_length);
    STACK_OF(PKCS7) *safes = x509 != NULL ? make_safes(writing, x509) : NULL;
    PKCS12 *pfx = safes != NULL ? PKCS12_add_safes(safes, 0) : NULL;

    if (pfx != NULL && PKCS12_set_mac(pfx, writing->password->value, (int)writing->password->length, NULL,
                                      protection->mac_salt, protection->rounds, protection->digest()) != 1) {
        PKCS12_free(pfx);
        pfx = NULL;
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    X509_free(x509);
    return pfx;
}

static void name_it(struct writing *writing, time_t now) {
    char stamp[TIME_TEXT_SIZE];

    time_format_generalized(stamp, now); /* 20260101120000.0Z */
    snprintf(writing->friendly_name, sizeof(writing->friendly_name), "%s%.14s", FRIENDLY_NAME, stamp);
}

bool pfx_write(const struct keypair *pair, const struct secret *password, enum pfx_form form, time_t now,
               struct secret *ret_pfx, struct error *err) {
    struct writing writing = {.pair = pair, .password = password, .protection = &protections[form]};
    const char *thumbprint = pair->certificate->thumbprint;
    PKCS12 *pfx = NULL;
    unsigned char *der = NULL;
    int length = -1;
    bool done = false;

    if (password == NULL || password->value == NULL || password->length == 0 || password->length > SECRET_MOST)
        return error_set(err, ERROR_BUG, "the PFX of certificate %s was to be written without a password", thumbprint);
    ERR_clear_error();
    name_it(&writing, now);
    pfx = make_pfx(&writing);
    if (pfx != NULL)
        length = i2d_PKCS12(pfx, &der);
    if (length <= 0)
        error_openssl(err, ERROR_CRYPTO, "making the PFX of certificate %s failed", thumbprint);
    else if (length > PFX_MOST)
        error_set(err, ERROR_DATA,
                  "the PFX of certificate %s would have %d bytes, more than the %d of any auth key pair", thumbprint,
                  length, PFX_MOST);
    else
        done = secret_copy(der, (size_t)length, ret_pfx, err);
    OPENSSL_free(der);
    PKCS12_free(pfx);
    ERR_clear_error();
    return done;
}

bool pfx_random_password(struct secret *ret_password, struct error *err) {
    unsigned char random[RANDOM_PASSWORD_LENGTH];
    char password[RANDOM_PASSWORD_LENGTH];
    bool done = false;

    ERR_clear_error();
    if (RAND_priv_bytes(random, sizeof(random)) <= 0) {
        error_openssl(err, ERROR_CRYPTO, "making a random password failed");
        goto out;
    }
    for (size_t i = 0; i < sizeof(password); i++)
        password[i] = base32[random[i] % 32];
    done = secret_copy(password, sizeof(password), ret_password, err);
out:
    OPENSSL_cleanse(random, sizeof(random));
    OPENSSL_cleanse(password, sizeof(password));
    return done;
}
