#include "tests/core/make_certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

/* Anything unexpected while making ends the program: what follows would test nothing. */
#define NEED(condition) need((condition), #condition)

#define KEY_KINDS 8

static void need(bool condition, const char *what) {
    if (condition)
        return;
    fprintf(stderr, "making a test certificate failed: %s\n", what);
    ERR_print_errors_fp(stderr);
    abort();
}

struct recipe recipe_good(void) {
    return (struct recipe){
        .key = "RSA-2048",
        .digest = "SHA256",
        .subject = MADE_NAME,
        .serial = "3A5C0F114D22B09E4477A1C8E5D6F701",
        .not_before = "20240101120000Z",
        .not_after = "20290101120000Z",
        .key_usage = "critical,digitalSignature,keyEncipherment",
        .extended = "serverAuth",
        .constraints = "critical,CA:FALSE",
        .version = X509_VERSION_3,
    };
}

static EVP_PKEY *generate(const char *name) {
    if (strcmp(name, "RSA-2048") == 0)
        return EVP_RSA_gen(2048);
    if (strcmp(name, "RSA-3072") == 0)
        return EVP_RSA_gen(3072);
    if (strcmp(name, "RSA-1024") == 0)
        return EVP_RSA_gen(1024);
    if (strcmp(name, "EC-256") == 0)
        return EVP_EC_gen("P-256");
    if (strncmp(name, "EC:", 3) == 0)
        return EVP_EC_gen(name + 3);
    if (strcmp(name, "ED25519") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (strcmp(name, "RSA-PSS-2048") == 0) {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
        EVP_PKEY *key = NULL;

        NEED(context != NULL && EVP_PKEY_keygen_init(context) == 1 &&
             EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1 && EVP_PKEY_generate(context, &key) == 1);
        EVP_PKEY_CTX_free(context);
        return key;
    }
    return NULL;
}

EVP_PKEY *make_key(const char *name) {
    static struct {
        const char *name;
        EVP_PKEY *key;
    } kept[KEY_KINDS];

    for (size_t i = 0; i < KEY_KINDS; i++) {
        if (kept[i].name != NULL && strcmp(kept[i].name, name) == 0)
            return kept[i].key;
        if (kept[i].name == NULL) {
            EVP_PKEY *key = generate(name);

            NEED(key != NULL);
            kept[i].key = key;
            kept[i].name = name;
            return key;
        }
    }
    need(false, "room for one more kind of key");
    return NULL;
}

/* Any odd number of the size will do: nobody checks that it has two prime factors. */
static EVP_PKEY *invent_key(const struct recipe *recipe) {
    BIGNUM *modulus = BN_new();
    BIGNUM *exponent = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *parameters;
    EVP_PKEY *key = NULL;

    NEED(modulus != NULL && build != NULL && context != NULL);
    NEED(BN_rand(modulus, recipe->modulus_bits, BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ODD) == 1);
    NEED(BN_hex2bn(&exponent, recipe->exponent) > 0);
    NEED(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) == 1);
    NEED(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) == 1);
    parameters = OSSL_PARAM_BLD_to_param(build);
    NEED(parameters != NULL && EVP_PKEY_fromdata_init(context) == 1);
    NEED(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

static X509_NAME *make_name(const char *common_name) {
    X509_NAME *name = X509_NAME_new();

    NEED(name != NULL);
    if (common_name != NULL)
        NEED(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1,
                                        0) == 1);
    return name;
}

static void add_text(X509 *x509, int nid, const char *value) {
    X509_EXTENSION *extension;

    if (value == NULL)
        return;
    extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    NEED(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void add_bytes(X509 *x509, int nid, const void *value, int length) {
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;

    NEED(octets != NULL && ASN1_OCTET_STRING_set(octets, value, length) == 1);
    extension = X509_EXTENSION_create_by_NID(NULL, nid, 0, octets);
    NEED(extension != NULL && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
}

static void add_extensions(X509 *x509, const struct recipe *recipe) {
    static const unsigned char octet_string[] = {0x04, 0x01, 0x2A};

    add_text(x509, NID_key_usage, recipe->key_usage);
    add_text(x509, NID_ext_key_usage, recipe->extended);
    add_text(x509, NID_basic_constraints, recipe->constraints);
    add_text(x509, NID_subject_alt_name, recipe->alternative);
    if (recipe->undecodable != 0)
        add_bytes(x509, recipe->undecodable, "\xff\xff", 2);
    for (int i = 0; recipe->repeated_nid != 0 && i < 2; i++)
        add_bytes(x509, recipe->repeated_nid, octet_string, (int)sizeof(octet_string));
}

static void set_fields(X509 *x509, const struct recipe *recipe) {
    X509_NAME *subject = make_name(recipe->subject);
    X509_NAME *issuer = make_name(recipe->issuer != NULL ? recipe->issuer : recipe->subject);
    BIGNUM *number = NULL;
    ASN1_INTEGER *serial;
    ASN1_TIME *at = ASN1_TIME_new();

    NEED(BN_hex2bn(&number, recipe->serial) > 0);
    serial = BN_to_ASN1_INTEGER(number, NULL);
    NEED(serial != NULL && at != NULL);
    NEED(X509_set_version(x509, recipe->version) == 1);
    NEED(X509_set_serialNumber(x509, serial) == 1);
    NEED(X509_set_subject_name(x509, subject) == 1 && X509_set_issuer_name(x509, issuer) == 1);
    NEED(ASN1_TIME_set_string_X509(at, recipe->not_before) == 1 && X509_set1_notBefore(x509, at) == 1);
    NEED(ASN1_TIME_set_string_X509(at, recipe->not_after) == 1 && X509_set1_notAfter(x509, at) == 1);
    ASN1_TIME_free(at);
    ASN1_INTEGER_free(serial);
    BN_free(number);
    X509_NAME_free(subject);
    X509_NAME_free(issuer);
}

X509 *make_x509(const struct recipe *recipe) {
    X509 *x509 = X509_new();
    EVP_PKEY *invented = recipe->modulus_bits != 0 ? invent_key(recipe) : NULL;
    const EVP_MD *digest = recipe->digest != NULL ? EVP_get_digestbyname(recipe->digest) : NULL;

    NEED(x509 != NULL && (digest != NULL || recipe->digest == NULL));
    set_fields(x509, recipe);
    NEED(X509_set_pubkey(x509, invented != NULL ? invented : make_key(recipe->key)) == 1);
    add_extensions(x509, recipe);
    NEED(X509_sign(x509, make_key(recipe->signer != NULL ? recipe->signer : recipe->key), digest) > 0);
    EVP_PKEY_free(invented);
    return x509;
}

unsigned char *make_der(const struct recipe *recipe, size_t *ret_length) {
    X509 *x509 = make_x509(recipe);
    unsigned char *der = NULL;
    int length = i2d_X509(x509, &der);

    NEED(length > 0);
    X509_free(x509);
    *ret_length = (size_t)length;
    return der;
}

struct certificate *make_certificate(const struct recipe *recipe) {
    size_t length;
    unsigned char *der = make_der(recipe, &length);
    struct certificate *certificate = NULL;
    struct error err = {0};

    need(certificate_parse(der, length, &certificate, &err), err.text);
    NEED(certificate != NULL && err.kind == ERROR_NONE);
    NEED(ERR_peek_error() == 0);
    OPENSSL_free(der);
    return certificate;
}
