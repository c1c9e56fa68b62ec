#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ldap/write/descriptor.h"

/* The input is a security descriptor; the agent's account is S-1-5-21-1-2-3-1102. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const unsigned char account[] = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0,    0, 1, 0,
                                            0, 0, 2, 0, 0, 0, 3, 0, 0,  0, 0x4E, 4, 0, 0};
    const struct principals nobody = {0};
    struct principals principals;
    struct error err = {0};
    struct sid sid;
    char text[SID_TEXT_SIZE];

    need(sid_parse(account, sizeof(account), &sid) && principals_of(&sid, NULL, &principals));
    if (descriptor_is_closed(data, size, &principals, &err)) {
        /* An owner who is one of nobody, a list that is there and inherits nothing. */
        need(!descriptor_is_closed(data, size, &nobody, NULL));
        need(size >= 20 && data[0] == 1 && (data[2] & 4) != 0 && (data[3] & 0x90) == 0x90);
    } else {
        need(err.kind == ERROR_DIRECTORY && err.text[0] != '\0');
    }
    if (sid_parse(data, size, &sid)) {
        need(sid.length == size && strlen(sid_format(&sid, text)) < sizeof(text));
        if (principals_of(&sid, NULL, &principals))
            need(principals.count == PRINCIPALS_MOST);
    }
    return 0;
}
