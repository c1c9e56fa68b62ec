#include "monitor/state/organization.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define CONTAINER ",CN=Microsoft Exchange,CN=Services,"
#define PREFIX "CN="
#define NAME_MOST 256 /* bytes of a name as written */

static int digit_value(char digit) {
    return isdigit((unsigned char)digit) ? digit - '0' : tolower((unsigned char)digit) - 'a' + 10;
}

/* The bytes that an RDN's value stands for. Returns how many they are. */
static size_t unescape(char out[NAME_MOST], const char *value, size_t length) {
    size_t count = 0;

    for (size_t i = 0; i < length && count < NAME_MOST; i++) {
        if (value[i] != '\\' || i + 1 == length) {
            out[count++] = value[i];
        } else if (i + 2 < length && isxdigit((unsigned char)value[i + 1]) && isxdigit((unsigned char)value[i + 2])) {
            out[count++] = (char)(16 * digit_value(value[i + 1]) + digit_value(value[i + 2]));
            i += 2;
        } else {
            out[count++] = value[++i];
        }
    }
    return count;
}

char *organization_of_dn(const char *dn, char *out, size_t size) {
    const char *end = dn != NULL ? strcasestr(dn, CONTAINER) : NULL;
    const char *begin = dn;
    char name[NAME_MOST];

    out[0] = '\0';
    if (end == NULL)
        return out;
    /* The last RDN before the container, behind the last comma that ends one. */
    for (const char *p = dn; p < end; p++)
        if (*p == '\\' && p + 1 < end)
            p++;
        else if (*p == ',')
            begin = p + 1;
    if ((size_t)(end - begin) <= strlen(PREFIX) || strncasecmp(begin, PREFIX, strlen(PREFIX)) != 0)
        return out;
    begin += strlen(PREFIX);
    return text_printable(out, size, name, unescape(name, begin, (size_t)(end - begin)));
}
