#include "base/letters/fold.h"

#include <locale.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

/* The next character in lower case; invalid bytes stand for themselves, out of the way of all characters. */
static wint_t next_folded(const char **at, size_t *left, locale_t locale) {
    mbstate_t state = {0};
    wchar_t character = 0;
    size_t used = mbrtowc(&character, *at, *left, &state);

    if (used == 0 || used > *left) {
        character = (wchar_t)(0x110000 + (unsigned char)**at);
        used = 1;
    } else {
        character = (wchar_t)towlower_l((wint_t)character, locale);
    }
    *at += used;
    *left -= used;
    return (wint_t)character;
}

static bool equal_in(const char *a, const char *b, locale_t locale) {
    size_t a_left = strlen(a);
    size_t b_left = strlen(b);

    while (a_left && b_left)
        if (next_folded(&a, &a_left, locale) != next_folded(&b, &b_left, locale))
            return false;
    return a_left == b_left;
}

static bool is_ascii(const char *text) {
    while (*text > 0)
        text++;
    return *text == '\0';
}

bool fold_equal(const char *a, const char *b) {
    locale_t locale;
    locale_t before;
    bool equal;

    if (is_ascii(a) && is_ascii(b))
        return strcasecmp(a, b) == 0;
    locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (locale == (locale_t)0)
        return false;
    before = uselocale(locale);
    equal = equal_in(a, b, locale);
    uselocale(before);
    freelocale(locale);
    return equal;
}
