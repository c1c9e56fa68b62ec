/*
 * Bytes that nobody else may see: passwords, passphrases, private keys on their way. They live in this one type,
 * which wipes on free, is never printed and refuses files that others can read. The caller frees with secret_free.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MOST 4096 /* bytes a secret file may hold */

struct secret {
    char *value; /* NUL-terminated for the libraries that want it so; NULL when there is none */
    size_t length;
};

/* Reads a secret file: a regular file (never through a symbolic link in its last part), owned by root or the effective
 * user, with no permission for group or others, at most SECRET_MOST bytes, not empty, no NUL; one trailing newline (LF
 * or CRLF) is dropped. Errors (CONFIG, LOCAL) name the path, never the content. */
bool secret_read_file(const char *path, struct secret *ret_secret, struct error *err) MUST_CHECK;

/* The same rules for bytes that came another way; errors name `what` and `path`. */
bool secret_take(const char *what, const char *path, const char *content, size_t length, struct secret *ret_secret,
                 struct error *err) MUST_CHECK;

/* A copy of `length` bytes. */
bool secret_copy(const void *value, size_t length, struct secret *ret_secret, struct error *err) MUST_CHECK;

void secret_free(struct secret *secret);

#endif
