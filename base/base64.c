#include "base/base64.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define PART 48 /* bytes at a time: whole groups of three */

void base64_add(struct text *text, const void *bytes, size_t length) {
    const unsigned char *at = bytes;
    unsigned char part[PART / 3 * 4 + 1];

    while (length > 0) {
        size_t taken = length < PART ? length : PART;

        text_add_bytes(text, (const char *)part, (size_t)EVP_EncodeBlock(part, at, (int)taken));
        at += taken;
        length -= taken;
    }
    OPENSSL_cleanse(part, sizeof(part));
}

static bool is_base64(const char *text, size_t length) {
    size_t padding = 0;

    if (length % 4 != 0)
        return false;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < length - padding; i++)
        if (text[i] == '\0' ||
            strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", text[i]) == NULL)
            return false;
    return true;
}

bool base64_read(const char *base64, size_t length, struct text *ret_bytes) {
    unsigned char part[PART];

    if (!is_base64(base64, length))
        return false;
    for (size_t at = 0; at < length; at += PART / 3 * 4) {
        size_t taken = length - at < PART / 3 * 4 ? length - at : PART / 3 * 4;
        int made = EVP_DecodeBlock(part, (const unsigned char *)base64 + at, (int)taken);

        /* It counts the padding as bytes. */
        for (size_t end = at + taken; made > 0 && end > at && base64[end - 1] == '='; end--)
            made--;
        if (made < 0)
            return false;
        text_add_bytes(ret_bytes, (const char *)part, (size_t)made);
    }
    OPENSSL_cleanse(part, sizeof(part));
    return true;
}
