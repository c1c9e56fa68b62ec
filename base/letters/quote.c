#include "base/letters/quote.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t';
}

size_t quote_length(const char *text) {
    if (text[0] != '"')
        return 0;
    for (size_t i = 1; text[i] != '\0'; i++) {
        if (text[i] == '"')
            return i + 1;
        if (text[i] == '\\' && (text[i + 1] == '"' || text[i + 1] == '\\'))
            i++;
    }
    return 0;
}

void quote_strip(char *text, size_t length) {
    char *to = text;

    for (size_t i = 1; i + 1 < length; i++) {
        if (text[i] == '\\' && (text[i + 1] == '"' || text[i + 1] == '\\'))
            i++;
        *to++ = text[i];
    }
    *to = '\0';
}

static bool needs_quotes(const char *value) {
    size_t length = strlen(value);

    if (length == 0 || value[0] == '"' || is_blank(value[0]) || is_blank(value[length - 1]))
        return true;
    for (size_t i = 0; i < length; i++)
        if ((value[i] == '#' || value[i] == ';') && (i == 0 || is_blank(value[i - 1])))
            return true;
    return false;
}

char *quote_written(const char *value) {
    char *written, *to;

    if (!needs_quotes(value))
        return strdup(value);
    written = to = calloc(2, strlen(value) + 2); /* two marks, and a backslash before each byte */
    if (written == NULL)
        return NULL;
    *to++ = '"';
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            *to++ = '\\';
        *to++ = *c;
    }
    *to = '"';
    return written;
}
