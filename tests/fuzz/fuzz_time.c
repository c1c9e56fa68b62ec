#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is taken for a time has the same date by the C library, and comes back unchanged from both forms. */
static void check_time(time_t at) {
    char expected[TIME_TEXT_SIZE];
    char text[TIME_TEXT_SIZE];
    struct error err;
    struct tm parts;
    time_t again;

    if (!gmtime_r(&at, &parts) || strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        abort();
    if (strcmp(time_format_rfc3339(text, at), expected) != 0)
        abort();
    if (!time_parse_rfc3339(text, &again, &err) || again != at)
        abort();
    time_format_generalized(text, at);
    if (!time_parse_generalized(text, strlen(text), &again, &err) || again != at)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err = {0};
    time_t at;

    if (time_parse_generalized((const char *)data, size, &at, &err))
        check_time(at);
    else if (err.kind != ERROR_DATA || err.text[0] == '\0')
        abort();
    return 0;
}
