#include "notify/mail/mime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MOST 76
#define WORD_OPEN "=?UTF-8?Q?"
#define WORD_CLOSE "?="
#define BOUNDARY "=_authcert" /* no quoted-printable text holds "=_" (RFC 2045 6.7) */

/* Does the value need no encoded words? "=?" in plain text would be read as the beginning of one. */
static bool is_plain(const char *value) {
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7E)
            return false;
    return strstr(value, "=?") == NULL;
}

static void add_folded(struct text *out, size_t column, const char *value) {
    while (*value) {
        size_t length = strcspn(value, " ");

        if (length > 0) {
            bool fold = column + 1 + length > LINE_MOST;

            text_add(out, fold ? "\r\n " : " ");
            text_add_bytes(out, value, length);
            column = (fold ? 1 : column + 1) + length;
        }
        value += length;
        value += strspn(value, " ");
    }
}

/* Bytes of the character at `value`, which is valid UTF-8. */
static size_t character_length(const char *value) {
    unsigned char lead = (unsigned char)*value;
    size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    return strnlen(value, length);
}

/* One character in the Q encoding, at most 12 bytes and a NUL. */
static void encode_character(char out[16], const char *value, size_t length) {
    unsigned char byte = (unsigned char)*value;

    if (length == 1 && ((byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z'))) {
        (void)snprintf(out, 16, "%c", byte);
    } else if (length == 1 && byte == ' ') {
        (void)snprintf(out, 16, "_");
    } else {
        for (size_t i = 0; i < length; i++)
            (void)snprintf(out + 3 * i, 16 - 3 * i, "=%02X", (unsigned char)value[i]);
    }
}

static void add_encoded_words(struct text *out, size_t column, const char *value) {
    const size_t around = sizeof WORD_OPEN - 1 + sizeof WORD_CLOSE - 1;
    char encoded[16];

    text_add(out, " " WORD_OPEN);
    column += 1 + around;
    while (*value) {
        size_t length = character_length(value);
        size_t width;

        encode_character(encoded, value, length);
        width = strlen(encoded);
        if (column + width > LINE_MOST) {
            text_add(out, WORD_CLOSE "\r\n " WORD_OPEN);
            column = 1 + around;
        }
        text_add(out, encoded);
        column += width;
        value += length;
    }
    text_add(out, WORD_CLOSE);
}

void mime_header(struct text *out, const char *name, const char *value) {
    char *printable = text_printable_copy(value, strlen(value), MIME_VALUE_MOST);

    if (!printable) {
        out->failed = true;
        return;
    }
    text_format(out, "%s:", name);
    if (is_plain(printable))
        add_folded(out, strlen(name) + 1, printable);
    else
        add_encoded_words(out, strlen(name) + 1, printable);
    text_add(out, "\r\n");
    free(printable);
}

void mime_addresses(struct text *out, const char *name, const struct strings *addresses) {
    size_t column = strlen(name) + 1;

    text_format(out, "%s:", name);
    for (size_t i = 0; i < addresses->count; i++) {
        size_t length = strlen(addresses->items[i]) + 1;
        bool fold = i > 0 && column + 1 + length > LINE_MOST;

        text_format(out, "%s%s%s", fold ? "\r\n " : " ", addresses->items[i], i + 1 < addresses->count ? "," : "");
        column = (fold ? 1 : column + 1) + length;
    }
    text_add(out, "\r\n");
}

char *mime_date(char out[MIME_DATE_SIZE], time_t at) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = {0};

    if (!gmtime_r(&at, &tm)) {
        time_t epoch = 0;

        (void)gmtime_r(&epoch, &tm);
    }
    (void)snprintf(out, MIME_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday,
                   months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return out;
}

void mime_quoted_printable(struct text *out, const char *value) {
    size_t column = 0;

    for (const char *p = value; *p; p++) {
        unsigned char byte = (unsigned char)*p;
        bool line_end = p[1] == '\n' || p[1] == '\0';
        bool literal = byte >= 0x20 && byte <= 0x7E && byte != '=' && !(byte == ' ' && line_end);
        size_t width = literal ? 1 : 3;

        if (byte == '\n') {
            text_add(out, "\r\n");
            column = 0;
            continue;
        }
        /* A soft line break needs a column itself, unless the line ends here anyway. */
        if (column + width > LINE_MOST - (line_end ? 0 : 1)) {
            text_add(out, "=\r\n");
            column = 0;
        }
        if (literal)
            text_add_bytes(out, p, 1);
        else
            text_format(out, "=%02X", byte);
        column += width;
    }
    if (column > 0)
        text_add(out, "\r\n");
}

/* One part behind its boundary. */
static void add_part(struct text *out, const char *type, const char *content) {
    text_format(out, "--" BOUNDARY "\r\nContent-Type: %s; charset=utf-8\r\n", type);
    text_add(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    mime_quoted_printable(out, content);
    text_add(out, "\r\n");
}

void mime_alternative(struct text *out, const char *plain, const char *html) {
    text_add(out, "MIME-Version: 1.0\r\n");
    text_add(out, "Content-Type: multipart/alternative;\r\n boundary=\"" BOUNDARY "\"\r\n\r\n");
    add_part(out, "text/plain", plain);
    add_part(out, "text/html", html);
    text_add(out, "--" BOUNDARY "--\r\n");
}
