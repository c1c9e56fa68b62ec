#include "base/secret.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/letters/oddity.h"

static size_t without_newline(const char *content, size_t length) {
    if (length > 0 && content[length - 1] == '\n') {
        length--;
        if (length > 0 && content[length - 1] == '\r')
            length--;
    }
    return length;
}

bool secret_read_file(const char *path, struct secret *ret_secret, struct error *err) {
    struct bytes bytes = {0};
    struct error why = {0};
    bool done = false;

    if (file_read_secret(AT_FDCWD, path, SECRET_MOST, &bytes, &why))
        done = secret_take("the secret file", path, (const char *)bytes.data, bytes.length, ret_secret, err);
    else if (why.kind == ERROR_NONE)
        error_set(err, ERROR_CONFIG, "cannot read the secret file %s: there is no such file; create it with mode 0600",
                  path);
    else
        error_set(err, why.kind, "a secret file: %s", why.text);
    bytes_free(&bytes);
    return done;
}

bool secret_take(const char *what, const char *path, const char *content, size_t length, struct secret *ret_secret,
                 struct error *err) {
    if (length > SECRET_MOST)
        return error_set(err, ERROR_CONFIG, "cannot use %s %s: it holds more than %d bytes", what, path, SECRET_MOST);
    if (oddity_is_utf16(content, length))
        return error_set(err, ERROR_CONFIG,
                         "cannot use %s %s: it is UTF-16, which Windows calls Unicode; save it as UTF-8 without BOM",
                         what, path);
    if (memchr(content, '\0', length))
        return error_set(err, ERROR_CONFIG, "cannot use %s %s: it holds a NUL byte, so it is no text", what, path);
    length = without_newline(content, length);
    if (length == 0)
        return error_set(err, ERROR_CONFIG, "cannot use %s %s: it is empty", what, path);
    return secret_copy(content, length, ret_secret, err);
}

bool secret_copy(const void *value, size_t length, struct secret *ret_secret, struct error *err) {
    char *copy = length < SIZE_MAX ? malloc(length + 1) : NULL;

    if (!copy)
        return error_memory(err);
    if (length > 0)
        memcpy(copy, value, length);
    copy[length] = '\0';
    *ret_secret = (struct secret){.value = copy, .length = length};
    return true;
}

void secret_free(struct secret *secret) {
    if (!secret)
        return;
    if (secret->value)
        explicit_bzero(secret->value, secret->length);
    free(secret->value);
    *secret = (struct secret){0};
}
