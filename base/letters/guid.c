#include "base/letters/guid.h"

#include <string.h>

static bool is_hyphen(size_t at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

bool guid_parse(const char *text, size_t length, char ret_guid[GUID_STRING_SIZE]) {
    char guid[GUID_STRING_SIZE] = "";

    if (length == GUID_STRING_LENGTH + 2 && text[0] == '{' && text[length - 1] == '}') {
        text++;
        length -= 2;
    }
    if (length != GUID_STRING_LENGTH)
        return false;
    for (size_t i = 0; i < length; i++) {
        char lower = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] + ('a' - 'A')) : text[i];

        if (is_hyphen(i) ? lower != '-' : lower == '\0' || strchr("0123456789abcdef", lower) == NULL)
            return false;
        guid[i] = lower;
    }
    memcpy(ret_guid, guid, GUID_STRING_SIZE);
    return true;
}
