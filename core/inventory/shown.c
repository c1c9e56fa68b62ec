#include "core/inventory/inventory.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/inventory/tls_names.h"

#define LABEL_MOST 128

/* The last value of this kind in a name, printable; NULL when there is none, or without memory. */
static char *name_part(const X509_NAME *name, int nid) {
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    unsigned char *utf8 = NULL;
    char *part = NULL;
    int length;

    if (at < 0)
        return NULL;
    length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (length > 0)
        part = text_printable_copy(utf8, (size_t)length, LABEL_MOST);
    OPENSSL_free(utf8);
    return part;
}

/* What people call whom the name is of. */
static char *name_label(const X509_NAME *name) {
    static const int parts[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName};
    char *label = NULL;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && label == NULL; i++)
        label = name_part(name, parts[i]);
    return label != NULL ? label : strdup("(no name)");
}

static bool is_sha1(const X509 *certificate) {
    int digest = NID_undef;

    return OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, NULL) == 1 &&
           (digest == NID_sha1 || digest == NID_md5);
}

static bool is_self_signed(X509 *certificate) {
    return X509_self_signed(certificate, 0) == 1;
}

/* What stands behind the first: roots are passed over, nobody needs them there. */
static bool take_above(const struct bytes *chain, size_t count, struct shown *shown, struct error *err) {
    shown->above = calloc(count, sizeof(*shown->above));
    if (shown->above == NULL)
        return error_memory(err);
    for (size_t i = 1; i < count && i < INVENTORY_CHAIN_MOST; i++) {
        const unsigned char *at = chain[i].data;
        X509 *certificate = d2i_X509(NULL, &at, (long)chain[i].length);
        struct bytes *copy = &shown->above[shown->above_count];
        bool kept = certificate != NULL && !is_self_signed(certificate);

        if (kept && !shown->self_signed)
            shown->sha1 = shown->sha1 || is_sha1(certificate);
        X509_free(certificate);
        if (!kept)
            continue;
        copy->data = malloc(chain[i].length + 1);
        if (copy->data == NULL)
            return error_memory(err);
        memcpy(copy->data, chain[i].data, chain[i].length);
        copy->data[chain[i].length] = '\0';
        copy->length = chain[i].length;
        shown->above_count++;
    }
    return true;
}

static bool take_leaf(const struct bytes *der, struct shown *shown, struct error *err) {
    const unsigned char *at = der->data;
    X509 *certificate;

    if (!certificate_parse(der->data, der->length, &shown->certificate, err))
        return false;
    certificate = d2i_X509(NULL, &at, (long)der->length);
    if (certificate == NULL)
        return error_set(err, ERROR_DATA, "the certificate cannot be decoded");
    tls_names_list(certificate, &shown->names);
    shown->self_signed = is_self_signed(certificate);
    shown->sha1 = !shown->self_signed && is_sha1(certificate);
    shown->server_auth = (X509_get_extended_key_usage(certificate) & XKU_SSL_SERVER) != 0 ||
                         (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) == 0;
    shown->label = name_label(X509_get_subject_name(certificate));
    shown->issuer_label = name_label(X509_get_issuer_name(certificate));
    X509_free(certificate);
    return (!shown->names.failed && shown->label != NULL && shown->issuer_label != NULL) || error_memory(err);
}

static void shown_free(struct shown *shown) {
    certificate_free(shown->certificate);
    strings_free(&shown->names);
    free(shown->label);
    free(shown->issuer_label);
    for (size_t i = 0; i < shown->above_count; i++)
        bytes_free(&shown->above[i]);
    free(shown->above);
    *shown = (struct shown){0};
}

static bool is_same(const struct shown *one, const struct shown *other) {
    if (strcmp(one->certificate->thumbprint, other->certificate->thumbprint) != 0 ||
        one->above_count != other->above_count)
        return false;
    for (size_t i = 0; i < one->above_count; i++)
        if (one->above[i].length != other->above[i].length ||
            memcmp(one->above[i].data, other->above[i].data, one->above[i].length) != 0)
            return false;
    return true;
}

/* The same bytes as a place before: hundreds of places show a few certificates. */
static bool is_same_bytes(const struct shown *shown, const struct bytes *chain, size_t count) {
    if (shown->certificate->der_length != chain[0].length ||
        memcmp(shown->certificate->der, chain[0].data, chain[0].length) != 0 || shown->above_count + 1 != count)
        return false;
    for (size_t i = 0; i < shown->above_count; i++)
        if (shown->above[i].length != chain[i + 1].length ||
            memcmp(shown->above[i].data, chain[i + 1].data, chain[i + 1].length) != 0)
            return false;
    return true;
}

bool inventory_add_shown(struct inventory *inventory, const struct bytes *chain, size_t count, size_t *ret_shown,
                         struct error *err) {
    struct shown shown = {0};
    struct shown *grown;
    bool ok = count > 0 || error_set(err, ERROR_DATA, "no certificate was shown");

    for (size_t i = 0; ok && i < inventory->shown_count; i++)
        if (is_same_bytes(&inventory->shown[i], chain, count)) {
            *ret_shown = i;
            return true;
        }
    ok = ok && take_leaf(&chain[0], &shown, err) && take_above(chain, count, &shown, err);
    for (size_t i = 0; ok && i < inventory->shown_count; i++)
        if (is_same(&inventory->shown[i], &shown)) {
            shown_free(&shown);
            *ret_shown = i;
            return true;
        }
    if (ok) {
        grown = realloc(inventory->shown, (inventory->shown_count + 1) * sizeof(*grown));
        if (grown == NULL)
            ok = error_memory(err);
        else
            inventory->shown = grown;
    }
    ERR_clear_error();
    if (!ok) {
        shown_free(&shown);
        return false;
    }
    *ret_shown = inventory->shown_count;
    inventory->shown[inventory->shown_count++] = shown;
    return true;
}

void inventory_forget_shown(struct inventory *inventory) {
    for (size_t i = 0; i < inventory->shown_count; i++)
        shown_free(&inventory->shown[i]);
    free(inventory->shown);
    inventory->shown = NULL;
    inventory->shown_count = 0;
}
