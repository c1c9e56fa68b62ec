#include "monitor/config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/letters/quote.h"
#include "monitor/config/table.h"

static void show_value(const struct config_key *key, const struct config_value *value, const char *path, FILE *out) {
    char *written = key->list ? NULL : quote_written(value->text);

    fprintf(out, "%s = ", key->name);
    for (size_t i = 0; i < value->items.count; i++)
        fprintf(out, "%s%s", i == 0 ? "" : ", ", value->items.items[i]);
    if (!key->list)
        fputs(written != NULL ? written : "(out of memory)", out);
    free(written);
    if (value->line != 0)
        fprintf(out, "  # %s:%u\n", path, value->line);
    else
        fputs(value->implied ? "  # by bind_dn\n" : "  # default\n", out);
}

void config_show(const struct config *config, FILE *out) {
    char path[512];
    int section = -1;

    text_printable(path, sizeof(path), config->path, strlen(config->path));
    for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
        const struct config_key *key = &config_keys[i];
        const struct config_value *value = &config->values[i];

        if ((int)key->section != section) {
            fprintf(out, "%s[%s]\n", section < 0 ? "" : "\n", config_sections[key->section]);
            section = (int)key->section;
        }
        if (value->text == NULL)
            fprintf(out, "# %s is not set  # default\n", key->name);
        else
            show_value(key, value, path, out);
    }
}
