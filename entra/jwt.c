#include "entra/jwt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/base64.h"
#include "base/letters/guid.h"

/* RFC 4648 5, without the padding, as RFC 7515 2 wants it. */
static void add_base64url(struct text *text, const void *data, size_t length) {
    const size_t before = text->length;

    base64_add(text, data, length);
    if (text->failed)
        return;
    while (text->length > before && text->value[text->length - 1] == '=')
        text->value[--text->length] = '\0';
    for (char *at = text->value + before; *at != '\0'; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
}

/* Adds one part; takes `json`, which may be NULL for want of memory. */
static void add_json(struct text *text, json_t *json) {
    char *dump = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

    if (dump != NULL)
        add_base64url(text, dump, strlen(dump));
    else
        text->failed = true;
    free(dump);
    json_decref(json);
}

/* The certificate's digest as its header names it. */
static char *digest_of(const struct certificate *certificate, const EVP_MD *how) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    struct text text = {0};

    if (EVP_Digest(certificate->der, certificate->der_length, digest, &size, how, NULL) != 1)
        return NULL;
    add_base64url(&text, digest, size);
    return text_take(&text);
}

/* RFC 9562 5.4. */
static bool random_guid(char ret_guid[GUID_STRING_SIZE]) {
    unsigned char octets[16];

    if (RAND_bytes(octets, sizeof(octets)) != 1)
        return false;
    octets[6] = (unsigned char)((octets[6] & 0x0f) | 0x40);
    octets[8] = (unsigned char)((octets[8] & 0x3f) | 0x80);
    for (size_t i = 0, at = 0; i < sizeof(octets); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret_guid[at++] = '-';
        snprintf(ret_guid + at, 3, "%02x", octets[i]);
        at += 2;
    }
    return true;
}

static bool finish(const struct signer *signer, enum signature_form form, json_t *header, json_t *claims,
                   struct text *ret_jwt, struct error *err) {
    struct bytes signature = {0};
    struct text jwt = {0};
    bool done = false;

    add_json(&jwt, header);
    text_add(&jwt, ".");
    add_json(&jwt, claims);
    if (jwt.failed)
        error_memory(err);
    else if (signer->sign(signer->context, form, jwt.value, jwt.length, &signature, err)) {
        text_add(&jwt, ".");
        add_base64url(&jwt, signature.data, signature.length);
        done = !jwt.failed || error_memory(err);
    }
    bytes_free(&signature);
    if (done)
        *ret_jwt = jwt;
    else
        text_free(&jwt);
    return done;
}

bool jwt_assertion(const struct signer *signer, enum signature_form form, const char *application, const char *audience,
                   time_t now, struct text *ret_jwt, struct error *err) {
    const bool pss = form == SIGNATURE_PS256;
    char *digest = digest_of(signer->certificate, pss ? EVP_sha256() : EVP_sha1());
    char id[GUID_STRING_SIZE] = "";
    json_t *header, *claims;

    if (digest == NULL || !random_guid(id)) {
        free(digest);
        return error_openssl(err, ERROR_CRYPTO, "an assertion for Entra could not be prepared");
    }
    header =
        json_pack("{s:s, s:s, s:s}", "alg", pss ? "PS256" : "RS256", "typ", "JWT", pss ? "x5t#S256" : "x5t", digest);
    claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "aud", audience, "iss", application, "sub", application,
                       "jti", id, "nbf", (json_int_t)now, "iat", (json_int_t)now, "exp", (json_int_t)(now + JWT_LIFE));
    free(digest);
    return finish(signer, form, header, claims, ret_jwt, err);
}

bool jwt_proof(const struct signer *signer, const char *object, const char *audience, time_t now, struct text *ret_jwt,
               struct error *err) {
    char *digest = digest_of(signer->certificate, EVP_sha1());
    json_t *header, *claims;

    if (digest == NULL)
        return error_openssl(err, ERROR_CRYPTO, "a proof for Entra could not be prepared");
    header = json_pack("{s:s, s:s, s:s, s:s}", "alg", "RS256", "typ", "JWT", "kid", signer->certificate->thumbprint,
                       "x5t", digest);
    claims = json_pack("{s:s, s:s, s:I, s:I}", "aud", audience, "iss", object, "nbf", (json_int_t)now, "exp",
                       (json_int_t)(now + JWT_LIFE));
    free(digest);
    return finish(signer, SIGNATURE_RS256, header, claims, ret_jwt, err);
}
