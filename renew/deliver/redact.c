#include "renew/deliver/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* The length of a full line of PEM, and one more than the longest label of a host name. */
#define RUN_LEAST 64
#define PIECE_LEAST 16
/* More than a SHA-256 fingerprint has, and what stands between two at the most: the end and the beginning of a line. */
#define OCTETS_LEAST 40
#define GAP_MOST 12
#define DUMPED_LEAST 8 /* tokens of a line of a dump */
#define CODED_LEAST 6  /* digits of a piece of base 64, and how many lines of them make a key */
#define LINES_LEAST 4
/* A shorter beginning of the password at the end of the text tells nothing. */
#define TAIL_LEAST 4

static const char pem_mark[] = "PRIVATE KEY-----";

static void cover(char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (text[i] != '\n')
            text[i] = '*';
}

/* How many bytes of `text` spell the first `size` of the password, NUL bytes between its characters (UTF-16) not
 * counted; 0 when they do not. With `cut` the text may end before. */
static size_t spells(const char *text, size_t length, const char *password, size_t size, bool cut) {
    size_t taken = 0, at = 0;

    for (; at < length && taken < size; at++)
        if (text[at] != '\0' || taken == 0) {
            if (tolower((unsigned char)text[at]) != tolower((unsigned char)password[taken]))
                return 0;
            taken++;
        }
    return taken == size || (cut && taken >= TAIL_LEAST) ? at : 0;
}

static void cover_password(char *text, size_t length, const struct secret *password) {
    for (size_t i = 0; password->length > 0 && i < length; i++)
        cover(text + i, spells(text + i, length - i, password->value, password->length, true));
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

static bool is_between(char c) {
    return c != '\0' && strchr(" \t\r\n\"',;|>", c) != NULL;
}

/* Base 64 in lines of any width: pieces of at least PIECE_LEAST digits, which words hardly have, with blanks, quotes
 * and the like between them. NUL bytes, of which every second one of UTF-16 is, are not looked at. */
static void cover_runs(char *text, size_t length) {
    size_t start = 0, digits = 0, piece = 0, end = 0;

    for (size_t i = 0; i <= length; i++) {
        if (i < length && text[i] == '\0' && digits > 0)
            continue;
        if (i < length && is_digit_of_64(text[i])) {
            start = digits == 0 ? i : start;
            digits++;
            piece++;
            end = i + 1;
            continue;
        }
        if (digits >= RUN_LEAST)
            cover(text + start, end - start);
        if (i == length || !is_between(text[i]) || (piece > 0 && piece < PIECE_LEAST))
            digits = 0;
        piece = 0;
    }
}

static bool is_hex(char c) {
    return c != '\0' && strchr("0123456789abcdefABCDEF", c) != NULL;
}

/* Octets in hexadecimal, two digits each with something between them, as openssl, xxd and .NET write them. */
static void cover_octets(char *text, size_t length) {
    size_t start = 0, octets = 0, gap = 0;

    for (size_t i = 0; i + 1 < length;) {
        if (is_hex(text[i]) && is_hex(text[i + 1]) && (i + 2 == length || !is_hex(text[i + 2]))) {
            start = octets == 0 ? i : start;
            octets++;
            gap = 0;
            i += 2;
            if (octets >= OCTETS_LEAST)
                cover(text + start, i - start);
            continue;
        }
        if (gap++ == GAP_MOST || !(text[i] == ':' || text[i] == '-' || text[i] == 'x' || text[i] == '0' ||
                                   text[i] == '\\' || text[i] == '\0' || is_between(text[i])))
            octets = 0;
        i++;
    }
}

/* Octets, words or numbers as dump tools write them. */
static bool is_dumped(const char *token, size_t length) {
    bool hex = length == 2 || length == 4 || length == 8, decimal = length <= 3;

    for (size_t i = 0; i < length; i++) {
        hex = hex && is_hex(token[i]);
        decimal = decimal && token[i] >= '0' && token[i] <= '9';
    }
    return hex || decimal;
}

/* What one line is made of: how many tokens of a dump, and its last token, when that can be a piece of base 64. */
struct line {
    size_t dumped;
    size_t coded; /* its length; 0 = none */
    bool mixed;   /* with a capital within and others than capitals, as hardly a word is spelt */
};

static void take_coded(const char *token, size_t length, struct line *line) {
    bool capital = false, other = false;

    line->coded = length >= CODED_LEAST ? length : 0;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit_of_64(token[i]))
            line->coded = 0;
        capital = capital || (i > 0 && isupper((unsigned char)token[i]));
        other = other || !isupper((unsigned char)token[i]);
    }
    line->mixed = capital && other;
}

static struct line line_of(const char *text, size_t length) {
    struct line line = {0};

    for (size_t at = 0; at < length;) {
        size_t size = 0;

        while (at + size < length && strchr(" \t\r,|", text[at + size]) == NULL)
            size++;
        if (size > 0) {
            line.dumped += is_dumped(text + at, size);
            take_coded(text + at, size, &line);
        }
        at += size + 1;
    }
    return line;
}

/* Line by line: dumps with offsets beside them, whatever the size of their groups, with a shorter last line; and base
 * 64 in lines too short for cover_runs or with words before it, several of one length. */
static void cover_lines(char *text, size_t length) {
    size_t first = 0, lines = 0, mixed = 0, width = 0;
    bool dumping = false;

    for (size_t at = 0, size; at < length; at += size + 1) {
        char *end = memchr(text + at, '\n', length - at);
        struct line line;

        size = end != NULL ? (size_t)(end - text) - at : length - at;
        line = line_of(text + at, size);
        dumping = line.dumped >= DUMPED_LEAST || (dumping && line.dumped > 0);
        if (dumping)
            cover(text + at, size);
        if (line.coded == 0 || (lines > 0 && line.coded > width))
            lines = mixed = 0;
        if (line.coded == 0)
            continue;
        first = lines == 0 ? at : first;
        width = lines == 0 ? line.coded : width;
        mixed += line.mixed;
        if (++lines >= LINES_LEAST && mixed * 2 >= lines)
            cover(text + first, at + size - first);
    }
}

void redact_text(char *text, size_t length, const struct secret *password) {
    cover_password(text, length, password);
    cover_pem(text, length);
    cover_runs(text, length);
    cover_octets(text, length);
    cover_lines(text, length);
}
