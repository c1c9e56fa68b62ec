#include "monitor/config/config.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

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

static json_t *value_json(const struct config_key *key, const struct config_value *value) {
    json_t *list;

    if (value->text == NULL)
        return json_null();
    if (!key->list)
        return json_string(value->text);
    list = json_array();
    for (size_t i = 0; list != NULL && i < value->items.count; i++)
        (void)json_array_append_new(list, json_string(value->items.items[i]));
    return list;
}

json_t *config_json(const struct config *config) {
    json_t *settings = json_array();

    for (size_t i = 0; settings != NULL && i < CONFIG_KEY_COUNT; i++) {
        const struct config_value *value = &config->values[i];

        (void)json_array_append_new(
            settings, json_pack("{s:s, s:s, s:o, s:o}", "section", config_sections[config_keys[i].section], "key",
                                config_keys[i].name, "value", value_json(&config_keys[i], value), "line",
                                value->line != 0 ? json_integer(value->line) : json_null()));
    }
    return settings;
}
