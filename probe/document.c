#include "probe/document.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "core/slots.h"
#include "base/text.h"

#define DEPTH_MOST 32
#define VALUES_MOST 4096 /* separators in the whole document: a good one has some hundred */
#define REALM_MOST 512
#define SERVICE_NAME_MOST 256
#define SHOWN_MOST 64
#define DIGEST_LENGTH (THUMBPRINT_LENGTH / 2)
#define X5T_LENGTH 27 /* base64url of DIGEST_LENGTH bytes, without padding */
#define BASE64_MOST ((CERTIFICATE_MOST + 2) / 3 * 4)

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What the parser would spend much memory or stack on is refused before it begins. */
static bool check_shape(const char *text, size_t length, struct error *err) {
    size_t depth = 0, values = 0, start = 0;
    bool quoted = false;

    while (start < length && is_space(text[start]))
        start++;
    if (start == length)
        return error_set(err, ERROR_DATA, "it is empty");
    if (text[start] == '<')
        return error_set(err, ERROR_DATA, "it is a web page (HTML or XML), not the JSON document");
    for (size_t i = start; i < length; i++) {
        char c = text[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (quoted)
            continue;
        else if ((c == '{' || c == '[') && ++depth > DEPTH_MOST)
            return error_set(err, ERROR_DATA, "it is nested more than %d deep", DEPTH_MOST);
        else if ((c == '}' || c == ']') && depth > 0)
            depth--;
        else if (c == ',' && ++values > VALUES_MOST)
            return error_set(err, ERROR_DATA, "it has more than %d values", VALUES_MOST);
    }
    return true;
}

static bool load(const char *text, size_t length, json_t **ret_root, struct error *err) {
    json_error_t trouble;
    json_t *root;

    if (length > DOCUMENT_MOST)
        return error_set(err, ERROR_DATA, "it is larger than %zu KiB", DOCUMENT_MOST / 1024);
    if (!check_shape(text, length, err))
        return false;
    root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &trouble);
    if (!root && json_error_code(&trouble) == json_error_out_of_memory)
        return error_memory(err);
    if (!root)
        return error_set(err, ERROR_DATA, "it is no JSON (line %d, column %d: %s)", trouble.line, trouble.column,
                         trouble.text);
    if (!json_is_object(root)) {
        json_decref(root);
        return error_set(err, ERROR_DATA, "it is JSON, but no object");
    }
    *ret_root = root;
    return true;
}

/* A printable copy of a member that may be missing, but is a string where it stands. */
static bool take_text(const json_t *root, const char *name, size_t most, char **ret_text, struct error *err) {
    const json_t *value = json_object_get(root, name);

    if (value && !json_is_string(value) && !json_is_null(value))
        return error_set(err, ERROR_DATA, "its \"%s\" is no string", name);
    if (json_string_length(value) > most)
        return error_set(err, ERROR_DATA, "its \"%s\" is longer than %zu bytes", name, most);
    *ret_text =
        text_printable_copy(value ? json_string_value(value) : "", value ? json_string_length(value) : 0, most + 1);
    return *ret_text || error_memory(err);
}

/* The bytes of one key's certificate; the caller's to free. Decoded exactly: what does not become the same text again
 * had white space, another alphabet or bits left over. */
static bool read_der(const char *text, size_t length, unsigned char **ret_der, size_t *ret_length, struct error *err) {
    unsigned char *der;
    unsigned char *again;
    bool same;

    if (length == 0 || length % 4 != 0 || length > BASE64_MOST)
        return error_set(err, ERROR_DATA, "its certificate is no base64 (%zu characters)", length);
    der = malloc(length / 4 * 3);
    again = malloc(length + 1);
    *ret_length = length / 4 * 3 - (text[length - 1] == '=') - (text[length - 2] == '=');
    same = der && again && EVP_DecodeBlock(der, (const unsigned char *)text, (int)length) == (int)(length / 4 * 3) &&
           EVP_EncodeBlock(again, der, (int)*ret_length) == (int)length && memcmp(again, text, length) == 0;
    if (!der || !again)
        error_memory(err);
    else if (!same)
        error_set(err, ERROR_DATA, "its certificate is no base64");
    free(again);
    if (same)
        *ret_der = der;
    else
        free(der);
    return same;
}

/* Is `x5t` the base64url of the thumbprint (RFC 7517, section 4.8)? Padding is let pass. */
static bool names_thumbprint(const char *x5t, size_t length, const char *thumbprint) {
    unsigned char digest[DIGEST_LENGTH];
    char expected[X5T_LENGTH + 2];

    if (OPENSSL_hexstr2buf_ex(digest, sizeof(digest), NULL, thumbprint, '\0') != 1)
        return false;
    EVP_EncodeBlock((unsigned char *)expected, digest, DIGEST_LENGTH);
    for (char *at = expected; *at != '\0'; at++)
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
    return (length == X5T_LENGTH || length == X5T_LENGTH + 1) && memcmp(x5t, expected, length) == 0;
}

/* Lists a certificate once, and parses it unless it is known. */
static bool keep(struct document *document, const struct probed *known, const char *thumbprint,
                 const unsigned char *der, size_t length, struct error *err) {
    const struct certificate *same = known ? probed_certificate(known, thumbprint) : NULL;

    for (size_t i = 0; i < document->count; i++)
        if (strcmp(document->thumbprints[i], thumbprint) == 0)
            return true;
    if (document->count == DOCUMENT_KEYS_MOST)
        return error_set(err, ERROR_DATA, "there are more than %d certificates", DOCUMENT_KEYS_MOST);
    /* SHA-1 alone no longer proves that two are the same. */
    if (same && (same->der_length != length || memcmp(same->der, der, length) != 0))
        return error_set(err, ERROR_DATA, "its certificate has the thumbprint %s of another one", thumbprint);
    if (!same && !certificate_parse(der, length, &document->certificates[document->count], err))
        return false;
    memcpy(document->thumbprints[document->count++], thumbprint, THUMBPRINT_SIZE);
    return true;
}

/* A string that must be there. */
static bool need_string(const json_t *object, const char *name, const char **ret_text, size_t *ret_length,
                        struct error *err) {
    const json_t *value = json_object_get(object, name);

    if (!value)
        return error_set(err, ERROR_DATA, "it has no \"%s\"", name);
    if (!json_is_string(value))
        return error_set(err, ERROR_DATA, "its \"%s\" is no string", name);
    *ret_text = json_string_value(value);
    *ret_length = json_string_length(value);
    return true;
}

static bool read_key(const json_t *key, const struct probed *known, struct document *document, struct error *err) {
    const json_t *info = json_object_get(key, "keyinfo");
    const json_t *value = json_object_get(key, "keyvalue");
    char thumbprint[THUMBPRINT_SIZE];
    unsigned char *der = NULL;
    size_t der_length = 0;
    char shown[SHOWN_MOST];
    bool ok;
    const char *text;
    const char *x5t;
    size_t length, x5t_length;

    if (!json_is_object(key))
        return error_set(err, ERROR_DATA, "it is no object");
    if (!need_string(key, "usage", &text, &length, err))
        return false;
    if (strcmp(text, "Signing") != 0)
        return true;
    if (!json_is_object(value))
        return error_set(err, ERROR_DATA, "its \"keyvalue\" is no object");
    if (!need_string(value, "type", &text, &length, err))
        return false;
    if (strcmp(text, "x509Certificate") != 0)
        return true;
    if (!json_is_object(info))
        return error_set(err, ERROR_DATA, "its \"keyinfo\" is no object");
    if (!need_string(info, "x5t", &x5t, &x5t_length, err) || !need_string(value, "value", &text, &length, err) ||
        !read_der(text, length, &der, &der_length, err))
        return false;
    ok = certificate_thumbprint(der, der_length, thumbprint, err);
    if (ok && !names_thumbprint(x5t, x5t_length, thumbprint))
        ok = error_set(err, ERROR_DATA, "its x5t \"%s\" is not that of its certificate, %s",
                       text_printable(shown, sizeof(shown), x5t, x5t_length), thumbprint);
    ok = ok && keep(document, known, thumbprint, der, der_length, err);
    free(der);
    return ok;
}

static bool read_keys(const json_t *root, const struct probed *known, struct document *document, struct error *err) {
    const json_t *keys = json_object_get(root, "keys");

    if (!keys)
        return error_set(err, ERROR_DATA, "it has no \"keys\"");
    if (!json_is_array(keys))
        return error_set(err, ERROR_DATA, "its \"keys\" is no list");
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (!read_key(json_array_get(keys, i), known, document, err))
            return error_context(err, "key %zu", i + 1);
    return true;
}

bool document_parse(const char *text, size_t length, const struct probed *known, struct document *ret_document,
                    struct error *err) {
    struct document document = {0};
    json_t *root = NULL;
    bool ok;

    if (!load(text, length, &root, err))
        return false;
    ok = take_text(root, "realm", REALM_MOST, &document.realm, err) &&
         take_text(root, "serviceName", SERVICE_NAME_MOST, &document.service_name, err) &&
         read_keys(root, known, &document, err);
    json_decref(root);
    if (ok)
        *ret_document = document;
    else
        document_free(&document);
    return ok;
}

void document_free(struct document *document) {
    free(document->realm);
    free(document->service_name);
    for (size_t i = 0; i < document->count; i++)
        certificate_free(document->certificates[i]);
    *document = (struct document){0};
}
