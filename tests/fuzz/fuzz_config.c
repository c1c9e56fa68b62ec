#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "monitor/config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes give a configuration or errors. What is accepted is shown as a file that is accepted again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct config config;
    struct config again;
    struct strings errors = {0};
    char *shown = NULL;
    size_t length = 0;

    if (config_parse((const char *)data, size, "fuzz.conf", &config, &errors)) {
        FILE *out = open_memstream(&shown, &length);
        if (out == NULL)
            abort();
        config_show(&config, out);
        /* Origins make lines longer, and only a line's length may then be wrong. */
        if (fclose(out) != 0 || errors.count != 0)
            abort();
        if (config_parse(shown, length, "fuzz.conf", &again, &errors))
            config_free(&again);
        else if (size < 3000)
            abort();
        free(shown);
        config_free(&config);
    } else if (errors.count == 0) {
        abort();
    }
    strings_free(&errors);
    return 0;
}
