#include "notify/html.h"

#include <stdlib.h>
#include <string.h>

#define VALUE_MOST 4096 /* bytes of one value */

static void add_escaped(struct text *out, const char *value, size_t length) {
    for (size_t i = 0; i < length; i++) {
        switch (value[i]) {
        case '&':
            text_add(out, "&amp;");
            break;
        case '<':
            text_add(out, "&lt;");
            break;
        case '>':
            text_add(out, "&gt;");
            break;
        case '"':
            text_add(out, "&quot;");
            break;
        case '\'':
            text_add(out, "&#39;");
            break;
        default:
            text_add_bytes(out, &value[i], 1);
        }
    }
}

void html_text(struct text *out, const char *value) {
    char *printable = text_printable_copy(value, strlen(value), VALUE_MOST);

    if (printable == NULL) {
        out->failed = true;
        return;
    }
    add_escaped(out, printable, strlen(printable));
    free(printable);
}
