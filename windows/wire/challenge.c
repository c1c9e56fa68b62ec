#include "windows/wire/challenge.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"

/* What follows the scheme's name where a value begins with it, or a list in one value holds it; NULL otherwise. */
static const char *after_scheme(const char *value, const char *scheme) {
    size_t length = strlen(scheme);

    while (value) {
        value += strspn(value, ", \t");
        if (strncasecmp(value, scheme, length) == 0 && (value[length] == '\0' || strchr(" ,\t", value[length]) != NULL))
            return value + length;
        value = strchr(value, ',');
    }
    return NULL;
}

bool challenge_offers(const struct strings *challenges, const char *scheme) {
    for (size_t i = 0; i < challenges->count; i++)
        if (after_scheme(challenges->items[i], scheme))
            return true;
    return false;
}

bool challenge_token(const struct strings *challenges, const char *scheme, struct text *ret_token) {
    for (size_t i = 0; i < challenges->count; i++) {
        const char *value = after_scheme(challenges->items[i], scheme);

        if (!value)
            continue;
        value += strspn(value, " \t");
        if (value[0] != '\0' && value[0] != ',')
            return base64_read(value, strcspn(value, ", \t"), ret_token);
    }
    return false;
}
