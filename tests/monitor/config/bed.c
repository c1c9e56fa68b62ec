#include "tests/monitor/config/bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void config_errors_print(const struct strings *errors) {
    for (size_t i = 0; i < errors->count; i++)
        print_message("  %s\n", errors->items[i]);
}

struct config config_accept(const char *text) {
    struct config config;
    struct strings errors = {0};

    if (!config_parse(text, strlen(text), "t.conf", &config, &errors)) {
        config_errors_print(&errors);
        fail_msg("refused: %s", text);
    }
    assert_int_equal(errors.count, 0);
    return config;
}

void config_refuse_bytes(const char *text, size_t length, size_t count, const char *first) {
    struct config config;
    struct strings errors = {0};

    if (config_parse(text, length, "t.conf", &config, &errors))
        fail_msg("accepted: %s", text);
    if (errors.count != count || strncmp(errors.items[0], first, strlen(first)) != 0) {
        config_errors_print(&errors);
        fail_msg("expected %zu errors, first: %s\nfor: %s", count, first, text);
    }
    strings_free(&errors);
}

void config_refuse(const char *text, size_t count, const char *first) {
    config_refuse_bytes(text, strlen(text), count, first);
}

bool config_warned(const struct config *config, const char *part) {
    for (size_t i = 0; i < config->warnings.count; i++)
        if (strstr(config->warnings.items[i], part) != NULL)
            return true;
    return false;
}
