#include "windows/clixml.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define OPEN "<S S=\"Error\">"
#define CLOSE "</S>"

/* Is this the beginning of a character that is written as _xHHHH_? Line ends are all that matter. */
static bool is_coded(const char *at, size_t left) {
    if (left < 7 || memcmp(at, "_x", 2) != 0 || at[6] != '_')
        return false;
    for (int i = 2; i < 6; i++)
        if (at[i] == '\0' || strchr("0123456789ABCDEFabcdef", at[i]) == NULL)
            return false;
    return true;
}

static void add_plain(struct text *text, const char *at, size_t length) {
    static const struct {
        const char *coded;
        const char *plain;
    } entities[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}};

    for (size_t i = 0; i < length;) {
        size_t taken = 1;
        const char *plain = NULL;

        if (is_coded(at + i, length - i)) {
            plain = " ";
            taken = 7;
        }
        for (size_t e = 0; !plain && e < sizeof(entities) / sizeof(entities[0]); e++) {
            size_t size = strlen(entities[e].coded);

            if (length - i >= size && memcmp(at + i, entities[e].coded, size) == 0) {
                plain = entities[e].plain;
                taken = size;
            }
        }
        if (plain)
            text_add(text, plain);
        else if (at[i] == '\r' || at[i] == '\n' || at[i] == '\t')
            text_add(text, " ");
        else
            text_add_bytes(text, at + i, 1);
        i += taken;
    }
}

void clixml_errors(const char *text, size_t length, char *out, size_t size) {
    const char *end = text + length;
    struct text plain = {0};

    out[0] = '\0';
    if (length == 0)
        return;
    if (memmem(text, length, "#< CLIXML", 9) == NULL) {
        add_plain(&plain, text, length);
    } else {
        for (const char *at = text; at < end;) {
            const char *begin = memmem(at, (size_t)(end - at), OPEN, strlen(OPEN));
            const char *stop = begin ? memmem(begin, (size_t)(end - begin), CLOSE, strlen(CLOSE)) : NULL;

            if (!stop)
                break;
            begin += strlen(OPEN);
            add_plain(&plain, begin, (size_t)(stop - begin));
            at = stop;
        }
    }
    while (!plain.failed && plain.length > 0 && plain.value[plain.length - 1] == ' ')
        plain.length--;
    if (!plain.failed && plain.length > 0)
        text_printable(out, size, plain.value, plain.length);
    text_free(&plain);
}
