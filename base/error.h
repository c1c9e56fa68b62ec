/*
 * What went wrong, for the person who has to mend it. An error is a kind and a text; the kind says what the operator
 * can do about it, the text what was attempted, on what, why it failed and what to do. It owns nothing and needs no
 * freeing. Text that comes from outside is made printable here, so no caller can leak a terminal escape.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/* Of a function whose result may not be ignored. */
#define MUST_CHECK __attribute__((warn_unused_result))

enum error_kind {
    ERROR_NONE = 0,
    ERROR_CONFIG,      /* edit the configuration or the command line */
    ERROR_CREDENTIALS, /* fix an account, a password, a right */
    ERROR_NETWORK,     /* nothing answered, or TLS refused the peer */
    ERROR_DIRECTORY,   /* the directory answered with a refusal or without what is needed */
    ERROR_DATA,        /* what was read makes no sense: certificate, value, file */
    ERROR_LOCAL,       /* disk, permissions, memory on this host */
    ERROR_CRYPTO,      /* OpenSSL could not do its work */
    ERROR_BUG          /* ours */
};

#define ERROR_TEXT_SIZE 1024

struct error {
    enum error_kind kind;
    char text[ERROR_TEXT_SIZE];
};

/* Sets kind and text (cut at the size, control characters and invalid UTF-8 made visible). Always returns false, so
 * that a failing function ends with `return error_set(err, ...)`. `err` may be NULL. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text that is there. Always returns false. */
bool error_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Out of memory, as an ordinary failure. Always returns false. */
bool error_memory(struct error *err);

/* `what` failed with errno value `number`: a LOCAL error. Always returns false. */
bool error_errno(struct error *err, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* `what` failed in OpenSSL: drains its error queue into the text. Always returns false. */
bool error_openssl(struct error *err, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
