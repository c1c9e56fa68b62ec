#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static bool secret_file_open(const char *path, int *ret_file, struct error *err) {
    /* O_NONBLOCK: a named pipe must not hold the program up before it is seen to be no regular file. */
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (file >= 0) {
        *ret_file = file;
        return true;
    }
    switch (errno) {
    case ENOENT:
        return error_set(err, ERROR_CONFIG,
                         "cannot read the secret file %s: there is no such file; create it with mode 0600", path);
    case ELOOP:
        return error_set(err, ERROR_CONFIG,
                         "cannot read the secret file %s: it is a symbolic link; name the file itself", path);
    default:
        return error_errno(err, errno, "cannot open the secret file %s", path);
    }
}

static bool secret_file_check(int file, const char *path, struct error *err) {
    struct stat status;

    if (fstat(file, &status) != 0)
        return error_errno(err, errno, "cannot look at the secret file %s", path);
    if (!S_ISREG(status.st_mode))
        return error_set(err, ERROR_CONFIG, "cannot use the secret file %s: it is not a regular file", path);
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return error_set(err, ERROR_CONFIG,
                         "cannot use the secret file %s: it belongs to user %lu; make root or the user who runs the "
                         "program its owner",
                         path, (unsigned long)status.st_uid);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return error_set(err, ERROR_CONFIG,
                         "cannot use the secret file %s: its mode is %04o, so others than its owner can get at it; "
                         "make it 0600",
                         path, (unsigned)(status.st_mode & 07777));
    return true;
}

static size_t without_newline(const char *content, size_t length) {
    if (length > 0 && content[length - 1] == '\n') {
        length--;
        if (length > 0 && content[length - 1] == '\r')
            length--;
    }
    return length;
}

bool secret_read_file(const char *path, struct secret *ret_secret, struct error *err) {
    char content[SECRET_MOST + 1];
    size_t length = 0;
    int file = -1;
    bool done = false;

    if (!secret_file_open(path, &file, err))
        return false;
    if (secret_file_check(file, path, err)) {
        done = file_read_open(file, content, sizeof(content), &length)
                   ? secret_take("the secret file", path, content, length, ret_secret, err)
                   : error_errno(err, errno, "cannot read the secret file %s", path);
        explicit_bzero(content, sizeof(content));
    }
    close(file);
    return done;
}

bool secret_take(const char *what, const char *path, const char *content, size_t length, struct secret *ret_secret,
                 struct error *err) {
    if (length > SECRET_MOST)
        return error_set(err, ERROR_CONFIG, "cannot use %s %s: it holds more than %d bytes", what, path, SECRET_MOST);
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
