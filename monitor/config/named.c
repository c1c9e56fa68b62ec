#include "monitor/config/named.h"

#include <string.h>
#include <unistd.h>

#include "base/walk.h"
#include "core/anchors.h"
#include "monitor/config/table.h"
#include "renew/deliver/program.h"

static bool anchors_good(const char *path, struct error *err) {
    X509_STORE *store = X509_STORE_new();
    bool good = store != NULL ? anchors_load(path, store, err) : error_memory(err);

    X509_STORE_free(store);
    return good;
}

static bool readable(const char *path, struct error *err) {
    int file;

    if (!trust_open(path, &file, err))
        return err->kind == ERROR_NONE ? error_set(err, ERROR_CONFIG, "there is no file %s", path) : false;
    close(file);
    return true;
}

void config_named_check(const struct config *config, struct strings *errors) {
    static const struct {
        enum config_id id;
        bool (*good)(const char *path, struct error *err);
    } named[] = {
        {DIRECTORY_CA_FILE, anchors_good}, {SERVERS_CA_FILE, anchors_good},   {WINDOWS_CA_FILE, anchors_good},
        {MAIL_CA_FILE, anchors_good},      {DELIVERY_COMMAND, program_check}, {STATE_RECOVERY_CERTIFICATE, readable},
    };

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
        const struct config_value *value = &config->values[named[i].id];
        struct error err = {0};

        /* Nobody runs it by another method. */
        if (value->text == NULL || (named[i].id == DELIVERY_COMMAND && config->policy.method != DELIVERY_BY_COMMAND))
            continue;
        if (!named[i].good(value->text, &err))
            config_say_named(config, named[i].id, &err, errors);
    }
}
