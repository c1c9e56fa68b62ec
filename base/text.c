#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/heap.h"
#include "base/letters/character.h"

#define HOST_NAME_MOST 253 /* RFC 1123 2.1, RFC 1035 2.3.4 */
#define LABEL_MOST 63
#define ADDRESS_MOST 254 /* RFC 5321 4.5.3.1.3, without the angle brackets */
#define LOCAL_PART_MOST 64
#define ESCAPE_LENGTH 4 /* of \xNN */
#define UTF8_MOST 4     /* bytes of one character */

/* Writes the next printable piece to `piece` and returns how many bytes of input it stands for. */
static size_t next_piece(const unsigned char *bytes, size_t left, char piece[ESCAPE_LENGTH * UTF8_MOST + 1],
                         size_t *ret_length) {
    uint32_t character = 0;
    size_t used = character_decode(bytes, left, &character);
    size_t length = 0;

    if (used > 0 && character_is_visible(character)) {
        memcpy(piece, bytes, used);
        *ret_length = used;
        return used;
    }
    if (used == 0)
        used = 1;
    for (size_t i = 0; i < used; i++) {
        static const char digits[] = "0123456789abcdef";

        piece[length++] = '\\';
        piece[length++] = 'x';
        piece[length++] = digits[bytes[i] >> 4];
        piece[length++] = digits[bytes[i] & 0x0f];
    }
    *ret_length = length;
    return used;
}

/* As text_printable, for any size but 0. */
static void print_bytes(char *out, size_t size, const unsigned char *bytes, size_t length) {
    size_t room = size - 1;
    size_t dots = room < 3 ? room : 3;
    size_t written = 0;
    size_t mark = 0; /* the last end of a piece that leaves room for the dots */
    size_t at = 0;

    while (at < length) {
        char piece[ESCAPE_LENGTH * UTF8_MOST + 1];
        size_t piece_length;
        size_t used = next_piece(bytes + at, length - at, piece, &piece_length);

        if (piece_length > room - written) {
            memset(out + mark, '.', dots);
            written = mark + dots;
            break;
        }
        memcpy(out + written, piece, piece_length);
        written += piece_length;
        at += used;
        if (written <= room - dots)
            mark = written;
    }
    out[written] = '\0';
}

char *text_printable(char *out, size_t size, const void *value, size_t length) {
    print_bytes(out, size, value, length);
    return out;
}

char *text_printable_copy(const void *value, size_t length, size_t most) {
    size_t room = length > most / ESCAPE_LENGTH ? most : length * ESCAPE_LENGTH;
    char *out;

    if (room == SIZE_MAX)
        return NULL;
    out = malloc(room + 1);
    if (out)
        print_bytes(out, room + 1, value, length);
    return out;
}

static bool is_host_character(char character) {
    return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
           (character >= '0' && character <= '9') || character == '-';
}

static bool is_label(const char *label, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!is_host_character(label[i]))
            return false;
    return length > 0 && length <= LABEL_MOST && label[0] != '-' && label[length - 1] != '-';
}

bool text_is_host_name(const char *name) {
    const char *label = name;

    if (strnlen(name, HOST_NAME_MOST + 1) > HOST_NAME_MOST)
        return false;
    for (;;) {
        size_t length = strcspn(label, ".");

        if (!is_label(label, length))
            return false;
        if (label[length] == '\0' || label[length + 1] == '\0')
            return true;
        label += length + 1;
    }
}

/* What inet_aton(3) and with it getaddrinfo(3) take for the last part of an address: 1, 2130706433, 0x7f000001. */
static bool is_number(const char *label) {
    if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return label[2 + strspn(label + 2, "0123456789abcdefABCDEF")] == '\0';
    return label[strspn(label, "0123456789")] == '\0';
}

bool text_is_server_name(const char *name) {
    const char *dot = strrchr(name, '.');
    const char *last = dot ? dot + 1 : name;

    return text_is_host_name(name) && last[0] != '\0' && !is_number(last) && strcasecmp(last, "localhost") != 0 &&
           strcasecmp(last, "localdomain") != 0;
}

bool text_is_mail_address(const char *address) {
    size_t length = strnlen(address, ADDRESS_MOST + 1);
    const char *at = strchr(address, '@');
    size_t local;

    if (length > ADDRESS_MOST || !at || !text_is_host_name(at + 1))
        return false;
    local = (size_t)(at - address);
    if (local == 0 || local > LOCAL_PART_MOST || address[0] == '.' || at[-1] == '.')
        return false;
    for (size_t i = 0; i < local; i++) {
        unsigned char byte = (unsigned char)address[i];

        if (byte <= 0x20 || byte > 0x7E || strchr("<>()[],;:\\\"", byte) || (byte == '.' && address[i + 1] == '.'))
            return false;
    }
    return true;
}

/* Makes room for `more` bytes and a NUL. */
static bool text_grow(struct text *text, size_t more) {
    size_t needed;
    size_t size = text->size > 0 ? text->size : 64;
    char *value;

    if (text->failed)
        return false;
    if (more >= SIZE_MAX / 2 - text->length)
        goto failed;
    needed = text->length + more + 1;
    if (needed <= text->size)
        return true;
    while (size < needed)
        size *= 2;
    value = heap_realloc(text->value, size); /* what it held may be a secret */
    if (!value)
        goto failed;
    text->value = value;
    text->size = size;
    return true;

failed:
    text->failed = true;
    return false;
}

void text_add_bytes(struct text *text, const char *value, size_t length) {
    if (length == 0 || !text_grow(text, length))
        return;
    memcpy(text->value + text->length, value, length);
    text->length += length;
    text->value[text->length] = '\0';
}

void text_add(struct text *text, const char *value) {
    text_add_bytes(text, value, strlen(value));
}

static void text_format_list(struct text *text, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void text_format_list(struct text *text, const char *format, va_list arguments) {
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) {
        text->failed = true;
        return;
    }
    if (length == 0 || !text_grow(text, (size_t)length))
        return;
    if (vsnprintf(text->value + text->length, (size_t)length + 1, format, arguments) != length) {
        text->value[text->length] = '\0';
        text->failed = true;
        return;
    }
    text->length += (size_t)length;
}

void text_format(struct text *text, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    text_format_list(text, format, arguments);
    va_end(arguments);
}

void text_add_name(struct text *text, const char *name, size_t count, size_t most) {
    if (count < most)
        text_format(text, "%s%s", count > 0 ? ", " : "", name);
}

void text_add_more(struct text *text, size_t count, size_t most) {
    if (count > most)
        text_format(text, " and %zu more", count - most);
}

void text_free(struct text *text) {
    if (!text)
        return;
    heap_free(text->value);
    *text = (struct text){0};
}

char *text_take(struct text *text) {
    char *value = NULL;

    if (!text->failed) {
        value = text->value ? text->value : calloc(1, 1);
        text->value = NULL;
    }
    text_free(text);
    return value;
}

/* Room for one more; the array doubles whenever it holds a power of two. */
static bool strings_grow(struct strings *list) {
    char **items;

    if (list->count > 0 && (list->count & (list->count - 1)) != 0)
        return true;
    items = reallocarray(list->items, list->count > 0 ? list->count * 2 : 1, sizeof(*items));
    if (!items)
        return false;
    list->items = items;
    return true;
}

void strings_add(struct strings *list, const char *format, ...) {
    struct text text = {0};
    va_list arguments;
    char *item;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    item = text_take(&text);
    if (!item || !strings_grow(list)) {
        free(item);
        list->failed = true;
        return;
    }
    list->items[list->count++] = item;
}

void strings_free(struct strings *list) {
    if (!list)
        return;
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct strings){0};
}

bool strings_contain(const struct strings *list, const char *value) {
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], value) == 0)
            return true;
    }
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Past the digits at *at, without the zeros before them; returns where the number begins. */
static const char *take_number(const char **at, size_t *ret_length) {
    const char *begin;

    while (**at == '0')
        (*at)++;
    begin = *at;
    while (is_digit(**at))
        (*at)++;
    *ret_length = (size_t)(*at - begin);
    return begin;
}

/* A letter of ASCII in one case; every other byte as it is. */
static int folded(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static int sign(int value) {
    return (value > 0) - (value < 0);
}

int text_compare_names(const char *one, const char *other) {
    const char *a = one;
    const char *b = other;

    while (*a != '\0' && *b != '\0') {
        if (is_digit(*a) && is_digit(*b)) {
            size_t length;
            size_t other_length;
            const char *number = take_number(&a, &length);
            const char *other_number = take_number(&b, &other_length);
            int order = length == other_length ? memcmp(number, other_number, length) : length < other_length ? -1 : 1;

            if (order != 0)
                return sign(order);
        } else {
            int order = folded(*a) - folded(*b);

            if (order != 0)
                return sign(order);
            a++;
            b++;
        }
    }
    if (*a != *b)
        return *a == '\0' ? -1 : 1;
    return sign(strcasecmp(one, other));
}
