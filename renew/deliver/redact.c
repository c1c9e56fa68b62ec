#include "renew/deliver/redact.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* The length of a full line of PEM, and one more than the longest label of a host name. */
#define RUN_LEAST 64
/* A shorter beginning of the password at the end of the text tells nothing. */
#define TAIL_LEAST 4

static const char pem_mark[] = "PRIVATE KEY-----";

static void cover(char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (text[i] != '\n')
            text[i] = '*';
}

static void cover_password(char *text, size_t length, const struct secret *password) {
    size_t size = password->length;

    if (size == 0)
        return;
    for (size_t i = 0; i + size <= length; i++)
        if (strncasecmp(text + i, password->value, size) == 0)
            cover(text + i, size);
    for (size_t tail = size - 1 < length ? size - 1 : length; tail >= TAIL_LEAST; tail--)
        if (strncasecmp(text + length - tail, password->value, tail) == 0)
            cover(text + length - tail, tail);
}

/* From the first mark to the last one; a single mark begins or ends a key whose other end is missing. */
static void cover_pem(char *text, size_t length) {
    size_t size = strlen(pem_mark);
    char *first = memmem(text, length, pem_mark, size);
    char *last = NULL;

    for (char *found = first; found;
         found = memmem(found + size, length - (size_t)(found + size - text), pem_mark, size))
        last = found;
    if (first && first != last)
        cover(first, (size_t)(last - first) + size);
    else if (first)
        cover(text, length);
}

static bool is_digit_of_64(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=' || c == '-' || c == '_';
}

static void cover_runs(char *text, size_t length) {
    size_t run = 0;

    for (size_t i = 0; i <= length; i++) {
        if (i < length && is_digit_of_64(text[i])) {
            run++;
        } else {
            if (run >= RUN_LEAST)
                cover(text + i - run, run);
            run = 0;
        }
    }
}

void redact_text(char *text, size_t length, const struct secret *password) {
    cover_password(text, length, password);
    cover_pem(text, length);
    cover_runs(text, length);
}
