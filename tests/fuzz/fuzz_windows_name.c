#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/inventory/windows_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition)
        abort();
}

/* What was understood is written so that it is understood again, as the same name. */
static void check_name(const struct windows_name *name) {
    struct windows_name again = {0};
    struct text text = {0};

    need(windows_name_equal(name, name));
    windows_name_write(name, &text);
    if (!text.failed && text.length <= WINDOWS_NAME_MOST && text.length > 0) {
        need(windows_name_parse(text.value, text.length, &again, NULL));
        need(windows_name_equal(name, &again) && windows_name_equal(&again, name));
        windows_name_free(&again);
    }
    text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    struct windows_name name = {0};
    struct windows_pair pair = {0};

    if (text == NULL)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (windows_name_parse(text, size, &name, NULL)) {
        check_name(&name);
        windows_name_free(&name);
    }
    if (windows_pair_parse(text, &pair, NULL)) {
        check_name(&pair.subject);
        if (pair.has_issuer)
            check_name(&pair.issuer);
        windows_pair_free(&pair);
    }
    free(text);
    return 0;
}
