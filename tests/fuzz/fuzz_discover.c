#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ldap/connect/discover.h"

#define MOST 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever DNS says, only valid host names below the domain come out of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct discovered found[MOST];
    struct error err = {0};
    size_t count = 0, refused = 0;

    if (!discover_parse(data, size, "x.test", found, MOST, &count, &refused, &err)) {
        if (err.kind != ERROR_DATA)
            abort();
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(found[i].host);

        if (!text_is_host_name(found[i].host) || length <= 7 || strcasecmp(found[i].host + length - 7, ".x.test") != 0)
            abort();
    }
    discover_order(found, count, arc4random_uniform);
    return 0;
}
