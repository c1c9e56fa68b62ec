#include "notify/layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_WIDTH 14
#define ITEM_INDENT 2

/* The formatted value, printable and limited; NULL (and the text failed) when out of memory. */
static char *value_make(struct text *out, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static char *value_make(struct text *out, const char *format, va_list arguments) {
    char *raw = NULL;
    char *value;

    if (vasprintf(&raw, format, arguments) < 0) {
        out->failed = true;
        return NULL;
    }
    value = text_printable_copy(raw, strlen(raw), LAYOUT_VALUE_MOST);
    free(raw);
    if (!value)
        out->failed = true;
    return value;
}

/* Columns that `length` bytes of UTF-8 take, one per character. */
static size_t columns(const char *value, size_t length) {
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        if (((unsigned char)value[i] & 0xC0) != 0x80)
            count++;
    return count;
}

/* Adds the words of `value` from column `column` on; later lines begin behind `indent` spaces. */
static void add_wrapped(struct text *out, size_t column, int indent, const char *value) {
    bool first = true;

    while (*value) {
        size_t length = strcspn(value, " ");
        size_t width = columns(value, length);

        if (!first && column + 1 + width > LAYOUT_WIDTH) {
            text_format(out, "\n%*s", indent, "");
            column = (size_t)indent;
        } else if (!first) {
            text_add(out, " ");
            column++;
        }
        text_add_bytes(out, value, length);
        column += width;
        first = false;
        value += length;
        value += strspn(value, " ");
    }
    text_add(out, "\n");
}

void layout_heading(struct text *out, const char *title) {
    text_format(out, "\n== %s ==\n", title);
}

void layout_paragraph(struct text *out, int indent, const char *format, ...) {
    va_list arguments;
    char *value;

    va_start(arguments, format);
    value = value_make(out, format, arguments);
    va_end(arguments);
    if (!value)
        return;
    text_format(out, "%*s", indent, "");
    add_wrapped(out, (size_t)indent, indent, value);
    free(value);
}

void layout_item(struct text *out, const char *format, ...) {
    va_list arguments;
    char *value;

    va_start(arguments, format);
    value = value_make(out, format, arguments);
    va_end(arguments);
    if (!value)
        return;
    text_format(out, "%*s- ", ITEM_INDENT, "");
    add_wrapped(out, ITEM_INDENT + 2, ITEM_INDENT + 2, value);
    free(value);
}

void layout_field(struct text *out, const char *label, const char *format, ...) {
    va_list arguments;
    char *value;

    va_start(arguments, format);
    value = value_make(out, format, arguments);
    va_end(arguments);
    if (!value)
        return;
    text_format(out, "%-*s", LABEL_WIDTH, label);
    add_wrapped(out, LABEL_WIDTH, LABEL_WIDTH, value);
    free(value);
}

void layout_command(struct text *out, const char *format, ...) {
    va_list arguments;
    char *value;

    va_start(arguments, format);
    value = value_make(out, format, arguments);
    va_end(arguments);
    if (!value)
        return;
    text_format(out, "    %s\n", value);
    free(value);
}
