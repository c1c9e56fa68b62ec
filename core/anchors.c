#include "core/anchors.h"

#include <limits.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "base/letters/oddity.h"
#include "base/secret.h"
#include "base/walk.h"

#define FILE_MOST ((size_t)16 * 1024 * 1024) /* the lists of all public CAs have a quarter of a MiB */
#define PEM_BEGIN "-----BEGIN "
#define PEM_CERTIFICATE PEM_BEGIN PEM_STRING_X509 "-----" /* the one form that every library knows */

static bool refuse(const char *path, const char *why, struct error *err) {
    return error_set(err, ERROR_CONFIG, "%s could not be read as certificates: %s", path, why);
}

static bool read_file(const char *path, struct bytes *ret_bytes, struct error *err) {
    struct error why = {0};

    if (!trust_read(path, FILE_MOST, ret_bytes, &why))
        return refuse(path, why.kind == ERROR_NONE ? "there is no such file" : why.text, err);
    ret_bytes->length = oddity_straighten(ret_bytes->data, ret_bytes->length);
    if (ret_bytes->length > 0)
        return true;
    bytes_free(ret_bytes);
    return refuse(path, "it is empty", err);
}

/* Binary forms begin with 0x30; a "-----BEGIN " inside one is somebody's text. */
static bool is_text(const struct bytes *bytes, const char *mark) {
    return bytes->data[0] != 0x30 && memmem(bytes->data, bytes->length, mark, strlen(mark)) != NULL;
}

/* One or several behind each other. False with OpenSSL's error queue. */
static bool take_der(const struct bytes *bytes, STACK_OF(X509) * list) {
    const unsigned char *at = bytes->data;
    const unsigned char *end = at + bytes->length;

    while (at < end) {
        X509 *certificate = d2i_X509(NULL, &at, end - at);

        if (certificate == NULL)
            return false;
        if (sk_X509_push(list, certificate) <= 0) {
            X509_free(certificate);
            return false;
        }
    }
    return true;
}

/* Of a PKCS #7; which is none, or of another kind, gives none. */
static bool take_pkcs7(const PKCS7 *pkcs7, STACK_OF(X509) * list) {
    bool is_signed = pkcs7 != NULL && PKCS7_type_is_signed(pkcs7) && pkcs7->d.sign != NULL;

    return is_signed && X509_add_certs(list, pkcs7->d.sign->cert, X509_ADD_FLAG_UP_REF) == 1;
}

static bool take_binary(const struct bytes *bytes, STACK_OF(X509) * list) {
    const unsigned char *at = bytes->data;
    PKCS7 *pkcs7 = d2i_PKCS7(NULL, &at, (long)bytes->length);
    bool done = pkcs7 != NULL ? take_pkcs7(pkcs7, list) : take_der(bytes, list);

    PKCS7_free(pkcs7);
    return done;
}

static bool take_pem(const struct bytes *bytes, STACK_OF(X509) * list) {
    BIO *text = BIO_new_mem_buf(bytes->data, (int)bytes->length);
    STACK_OF(X509_INFO) *parts = text != NULL ? PEM_X509_INFO_read_bio(text, NULL, NULL, NULL) : NULL;
    bool done = parts != NULL;
    PKCS7 *pkcs7 = NULL;

    for (int i = 0; done && i < sk_X509_INFO_num(parts); i++) {
        X509 *certificate = sk_X509_INFO_value(parts, i)->x509;

        done = certificate == NULL || X509_add_cert(list, certificate, X509_ADD_FLAG_UP_REF) == 1;
    }
    if (done && sk_X509_num(list) == 0 && BIO_reset(text) >= 0 &&
        (pkcs7 = PEM_read_bio_PKCS7(text, NULL, NULL, NULL)) != NULL)
        done = take_pkcs7(pkcs7, list);
    PKCS7_free(pkcs7);
    sk_X509_INFO_pop_free(parts, X509_INFO_free);
    BIO_free(text);
    return done;
}

/* The caller frees the list. */
static bool decode(const char *path, const struct bytes *bytes, STACK_OF(X509) * *ret_list, struct error *err) {
    STACK_OF(X509) *list = sk_X509_new_null();
    struct error why = {0};
    bool done = false;

    ERR_clear_error();
    if (list == NULL)
        error_memory(&why);
    else if (is_text(bytes, PEM_BEGIN) ? !take_pem(bytes, list) : !take_binary(bytes, list))
        error_openssl(&why, ERROR_DATA, "it is damaged, or neither PEM nor DER");
    else if (sk_X509_num(list) == 0)
        error_set(&why, ERROR_DATA, "it holds none");
    else
        done = true;
    ERR_clear_error();
    if (done)
        *ret_list = list;
    else
        sk_X509_pop_free(list, X509_free);
    return done || refuse(path, why.text, err);
}

bool anchors_load(const char *path, X509_STORE *store, struct error *err) {
    STACK_OF(X509) *list = NULL;
    struct bytes bytes = {0};
    bool done = read_file(path, &bytes, err) && decode(path, &bytes, &list, err);

    for (int i = 0; done && i < sk_X509_num(list); i++)
        if (X509_STORE_add_cert(store, sk_X509_value(list, i)) != 1)
            done = error_openssl(err, ERROR_CRYPTO, "cannot trust a certificate of %s", path);
    sk_X509_pop_free(list, X509_free);
    bytes_free(&bytes);
    return done;
}

/* In the place of `bytes`. */
static bool encode(const STACK_OF(X509) * list, struct bytes *bytes, struct error *err) {
    BIO *text = BIO_new(BIO_s_mem());
    struct secret copy = {0};
    char *start = NULL;
    bool done = text != NULL;
    long length;

    for (int i = 0; done && i < sk_X509_num(list); i++)
        done = PEM_write_bio_X509(text, sk_X509_value(list, i)) == 1;
    length = done ? BIO_get_mem_data(text, &start) : 0;
    done = done ? secret_copy(start, (size_t)length, &copy, err)
                : error_openssl(err, ERROR_CRYPTO, "cannot write certificates as PEM");
    BIO_free(text);
    if (done) {
        bytes_free(bytes);
        *bytes = (struct bytes){.data = (unsigned char *)copy.value, .length = copy.length};
    }
    return done;
}

bool anchors_read_pem(const char *path, struct bytes *ret_pem, struct error *err) {
    STACK_OF(X509) *list = NULL;
    struct bytes bytes = {0};
    bool done = read_file(path, &bytes, err) &&
                (is_text(&bytes, PEM_CERTIFICATE) || (decode(path, &bytes, &list, err) && encode(list, &bytes, err)));

    sk_X509_pop_free(list, X509_free);
    if (done)
        *ret_pem = bytes;
    else
        bytes_free(&bytes);
    return done;
}
