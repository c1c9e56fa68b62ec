#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "base/text.h"

/* Longer than the text of an error, so that where the raw text is cut the printable one is cut before. */
#define RAW_SIZE (2 * ERROR_TEXT_SIZE)

#define OPENSSL_REASONS_MOST 3

static void raw_format(char raw[RAW_SIZE], const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void raw_format(char raw[RAW_SIZE], const char *format, va_list arguments) {
    /* It fails for a result beyond INT_MAX alone: the bare format then tells more than nothing. */
    if (vsnprintf(raw, RAW_SIZE, format, arguments) < 0)
        snprintf(raw, RAW_SIZE, "%s", format);
}

/* Appends to `raw`, as much as fits. */
static void raw_append(char raw[RAW_SIZE], const char *separator, const char *value) {
    size_t length = strlen(raw);

    snprintf(raw + length, RAW_SIZE - length, "%s%s", separator, value);
}

static void put(struct error *err, enum error_kind kind, const char *raw) {
    err->kind = kind;
    text_printable(err->text, sizeof(err->text), raw, strlen(raw));
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...) {
    char raw[RAW_SIZE];
    va_list arguments;

    if (!err)
        return false;
    va_start(arguments, format);
    raw_format(raw, format, arguments);
    va_end(arguments);
    put(err, kind, raw);
    return false;
}

bool error_context(struct error *err, const char *format, ...) {
    char raw[RAW_SIZE];
    va_list arguments;

    if (!err)
        return false;
    va_start(arguments, format);
    raw_format(raw, format, arguments);
    va_end(arguments);
    raw_append(raw, ": ", err->text);
    put(err, err->kind, raw);
    return false;
}

bool error_memory(struct error *err) {
    return error_set(err, ERROR_LOCAL, "out of memory: free some on this host, then run the command again");
}

bool error_errno(struct error *err, int number, const char *format, ...) {
    char raw[RAW_SIZE];
    char unknown[32];
    const char *description = strerrordesc_np(number);
    va_list arguments;

    if (!err)
        return false;
    if (!description) {
        snprintf(unknown, sizeof(unknown), "unknown error %d", number);
        description = unknown;
    }
    va_start(arguments, format);
    raw_format(raw, format, arguments);
    va_end(arguments);
    raw_append(raw, ": ", description);
    put(err, ERROR_LOCAL, raw);
    return false;
}

bool error_openssl(struct error *err, enum error_kind kind, const char *format, ...) {
    char raw[RAW_SIZE];
    va_list arguments;
    int reasons = 0;
    unsigned long code;
    const char *data;
    int flags;

    va_start(arguments, format);
    raw_format(raw, format, arguments);
    va_end(arguments);
    /* The queue is emptied also when nobody wants to know, or its entries would be told by the next failure. */
    while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        char number[64];
        const char *reason = ERR_reason_error_string(code);

        if (++reasons > OPENSSL_REASONS_MOST)
            continue;
        if (!reason) {
            ERR_error_string_n(code, number, sizeof(number));
            reason = number;
        }
        raw_append(raw, reasons == 1 ? ": " : "; ", reason);
        if ((flags & ERR_TXT_STRING) && data && data[0] != '\0') {
            raw_append(raw, " (", data);
            raw_append(raw, ")", "");
        }
    }
    if (reasons == 0)
        raw_append(raw, ": ", "OpenSSL gives no reason");
    if (err)
        put(err, kind, raw);
    return false;
}
