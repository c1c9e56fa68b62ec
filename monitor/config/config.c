#include "monitor/config/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/walk.h"
#include "entra/cloud.h"
#include "monitor/config/check.h"
#include "monitor/config/draft.h"
#include "monitor/config/lines.h"
#include "monitor/config/value.h"
#include "monitor/config/credential.h"
#include "monitor/config/owner.h"
#include "web/https.h"

#define KEYTAB_MOST ((size_t)64 * 1024) /* bytes */

static int descending(const void *a, const void *b) {
    int left = *(const int *)a;
    int right = *(const int *)b;

    return left > right ? -1 : left < right;
}

/* The list as numbers, largest first, each once. The entries were checked. */
static void fill_days(const struct strings *items, int days[POLICY_WARN_MOST], size_t *ret_count) {
    size_t kept = 0;

    for (size_t i = 0; i < items->count && i < POLICY_WARN_MOST; i++)
        days[i] = (int)strtol(items->items[i], NULL, 10);
    qsort(days, items->count, sizeof(days[0]), descending);
    for (size_t i = 0; i < items->count; i++)
        if (kept == 0 || days[kept - 1] != days[i])
            days[kept++] = days[i];
    *ret_count = kept;
}

static void fill_policy(const struct config_value *values, struct policy *policy) {
    policy_default(policy);
    policy->mode = (enum mode)values[POLICY_MODE].number;
    fill_days(&values[POLICY_WARN_DAYS].items, policy->warn_days, &policy->warn_count);
    policy->renew_before = values[POLICY_RENEW_BEFORE].span.seconds;
    policy->activate_after = values[POLICY_ACTIVATE_AFTER].span.seconds;
    policy->min_lead = values[POLICY_MIN_LEAD].span.seconds;
    policy->retire_after = values[POLICY_RETIRE_AFTER].span.seconds;
    policy->escalate_at = values[MAIL_ESCALATE_AT].span.seconds;
    policy->lifetime = values[POLICY_LIFETIME].span;
    policy->key_bits = (int)values[POLICY_KEY_BITS].number;
    policy->hybrid_proceed = values[POLICY_HYBRID].number != 0;
    policy->entra = (enum entra_mode)values[ENTRA_MODE].number;
    policy->confirm = (enum confirm)values[DELIVERY_CONFIRM].number;
    policy->method = (enum delivery_method)values[DELIVERY_METHOD].number;
}

static void fill_directory(struct config_value *values, struct directory_settings *directory) {
    const char *writer = values[DIRECTORY_WRITER].text;

    *directory = (struct directory_settings){
        .uris = values[DIRECTORY_URI].items,
        .domain = values[DIRECTORY_DOMAIN].text,
        .site = values[DIRECTORY_SITE].text,
        .bind = (enum directory_bind)values[DIRECTORY_BIND].number,
        .bind_dn = values[DIRECTORY_BIND_DN].text,
        .principal = values[DIRECTORY_PRINCIPAL].text,
        .tls = (enum directory_tls)values[DIRECTORY_TLS].number,
        .allow_cleartext = values[DIRECTORY_ALLOW_CLEARTEXT].number != 0,
        .ca_file = values[DIRECTORY_CA_FILE].text,
        .timeout = (int)values[DIRECTORY_TIMEOUT].span.seconds,
        .organization = values[DIRECTORY_ORGANIZATION].text,
        .writer = strcmp(writer, "auto") == 0 ? NULL : writer,
        .records = values[DIRECTORY_RECORDS].number != 0,
        .ignore = &values[SERVERS_IGNORE].items,
    };
}

static void fill_mail(struct config_value *values, struct mail_settings *mail) {
    *mail = (struct mail_settings){
        .relays = values[MAIL_RELAY].items,
        .tls = (enum mail_tls)values[MAIL_TLS].number,
        .username = values[MAIL_USERNAME].text,
        .ca_file = values[MAIL_CA_FILE].text,
        .from = values[MAIL_FROM].text,
        .to = values[MAIL_TO].items,
        .escalate_to = values[MAIL_ESCALATE_TO].items,
    };
}

static void fill_probe(const struct config_value *values, struct probe_settings *probe) {
    *probe = (struct probe_settings){
        .url = values[SERVERS_URL].text,
        .tls_name = values[SERVERS_TLS_NAME].text,
        .verify = values[SERVERS_VERIFY].number != 0,
        .ca_file = values[SERVERS_CA_FILE].text,
        .timeout = (int)values[SERVERS_TIMEOUT].span.seconds,
        .parallel = (int)values[SERVERS_PARALLEL].number,
    };
}

static void fill_inventory(const struct config_value *values, struct inventory_settings *inventory) {
    *inventory = (struct inventory_settings){
        .watch = values[INVENTORY_WATCH].number != 0,
        .names = values[INVENTORY_NAMES].items,
        .ignore = values[INVENTORY_IGNORE].items,
        .tls_name = values[SERVERS_TLS_NAME].text,
    };
    fill_days(&values[INVENTORY_WARN_DAYS].items, inventory->warn_days, &inventory->warn_count);
}

static void fill_addresses(struct config_value *values, struct config *config) {
    config->webhook = (struct webhook_settings){.format = (enum webhook_format)values[WEBHOOK_FORMAT].number,
                                                .proxy = values[WEBHOOK_PROXY].text};
    config->ping = (struct ping_settings){.proxy = values[METRICS_PROXY].text};
}

static void fill_windows(const struct config_value *values, struct config *config) {
    bool tls = values[WINDOWS_TRANSPORT].number != 0;

    config->windows = (struct windows_settings){
        .tls = tls,
        .port = values[WINDOWS_PORT].text != NULL ? (int)values[WINDOWS_PORT].number
                : tls                             ? 5986
                                                  : 5985,
        .principal = values[WINDOWS_KEYTAB].text != NULL || values[WINDOWS_PRINCIPAL].text != NULL
                         ? values[WINDOWS_PRINCIPAL].text
                         : values[DIRECTORY_PRINCIPAL].text,
        .ca_file = values[WINDOWS_CA_FILE].text,
        .timeout = (int)values[WINDOWS_TIMEOUT].span.seconds,
        .parallel = (int)values[WINDOWS_PARALLEL].number,
    };
    config->policy.refresh = values[WINDOWS_REFRESH].number != 0 && config->policy.method == DELIVERY_BY_WINRM;
    config->windows_look = values[WINDOWS_LOOK].number != 0;
}

static void fill_keys(const struct config_value *values, struct config *config) {
    config->delivery = (struct delivery_settings){
        .command = values[DELIVERY_COMMAND].text,
        .timeout = (int)values[DELIVERY_TIMEOUT].span.seconds,
    };
    config->pfx = (enum pfx_form)values[DELIVERY_PFX].number;
    if (values[STATE_KEY_PASSWORD_FILE].text != NULL || values[STATE_KEY_PASSWORD_CREDENTIAL].text != NULL)
        config->key_password_use = KEY_PASSWORD_SET;
    else
        config->key_password_use = values[STATE_KEY_PASSWORD].text != NULL ? KEY_PASSWORD_NONE : KEY_PASSWORD_MISSING;
}

/* The address without a slash at its end. */
static const char *bare(char *uri, const char *fallback) {
    size_t length = uri != NULL ? strlen(uri) : 0;

    if (length > 0 && uri[length - 1] == '/')
        uri[length - 1] = '\0';
    return uri != NULL ? uri : fallback;
}

static void fill_entra(struct config_value *values, struct config *config) {
    const enum cloud cloud = (enum cloud)values[ENTRA_CLOUD].number;

    config->entra = (struct entra_settings){
        .mode = (enum entra_mode)values[ENTRA_MODE].number,
        .login = bare(values[ENTRA_LOGIN].text, cloud_login(cloud)),
        .graph = bare(values[ENTRA_GRAPH].text, cloud_graph(cloud)),
        .assertion = (enum signature_form)values[ENTRA_ASSERTION].number,
        .proof_audience = values[ENTRA_PROOF_AUDIENCE].text,
        .scope = values[ENTRA_SCOPE].text,
        .proxy = values[ENTRA_PROXY].text,
        .ca_file = values[ENTRA_CA_FILE].text,
        .timeout = (int)values[ENTRA_TIMEOUT].span.seconds,
    };
    config->entra_objects = values[ENTRA_OBJECT_ID].items;
}

/* Takes the values out of a draft without problems. */
static bool take_draft(struct config_draft *draft, struct config *ret_config) {
    struct config config = {.path = strdup(draft->path)};

    if (config.path == NULL)
        return false;
    config_check_warnings(draft, &config.warnings);
    if (config.warnings.failed) {
        strings_free(&config.warnings);
        free(config.path);
        return false;
    }
    config.values = draft->values;
    draft->values = NULL;
    fill_policy(config.values, &config.policy);
    fill_directory(config.values, &config.directory);
    fill_mail(config.values, &config.mail);
    fill_addresses(config.values, &config);
    fill_keys(config.values, &config);
    fill_windows(config.values, &config);
    fill_probe(config.values, &config.probe);
    fill_inventory(config.values, &config.inventory);
    fill_entra(config.values, &config);
    config.probes = config.values[SERVERS_PROBE].number != 0;
    config.servers_ignore = config.values[SERVERS_IGNORE].items;
    config.metrics_textfile = config.values[METRICS_TEXTFILE].text;
    config.report_file = config.values[REPORT_FILE].text;
    config.state_directory = config.values[STATE_DIRECTORY].text;
    config.recovery_certificate = config.values[STATE_RECOVERY_CERTIFICATE].text;
    *ret_config = config;
    return true;
}

bool config_parse(const char *text, size_t length, const char *path, struct config *ret_config,
                  struct strings *errors) {
    struct config_draft draft;
    bool is_text, done = false;

    config_draft_begin(&draft, path);
    is_text = !draft.failed && config_lines_read(&draft, text, length);
    if (is_text && !draft.failed)
        config_values_parse(&draft);
    if (is_text && !draft.failed) {
        config_check_directory(&draft);
        config_check_policy(&draft);
        config_check_rest(&draft);
    }
    if (!draft.failed && draft.problem_count == 0) {
        done = take_draft(&draft, ret_config);
        draft.failed = !done;
    }
    if (!done)
        config_draft_tell(&draft, errors);
    config_draft_free(&draft);
    return done;
}

void config_say_named(const struct config *config, enum config_id id, const struct error *err, struct strings *errors) {
    char path[512];

    strings_add(errors, "%s:%u: [%s] %s: %s", text_printable(path, sizeof(path), config->path, strlen(config->path)),
                config->values[id].line, config_sections[config_keys[id].section], config_keys[id].name, err->text);
}

/* Whoever can change one of these can have a password sent to himself, or a key sealed to himself. */
static bool trust_named_files(const struct config *config, struct strings *errors) {
    static const enum config_id directing[] = {DIRECTORY_CA_FILE, SERVERS_CA_FILE, WINDOWS_CA_FILE,
                                               ENTRA_CA_FILE,     MAIL_CA_FILE,    STATE_RECOVERY_CERTIFICATE};
    bool ok = true;

    for (size_t i = 0; i < sizeof(directing) / sizeof(directing[0]); i++) {
        const struct config_value *value = &config->values[directing[i]];
        struct error err = {0};

        if (value->text == NULL || owner_trusts(config->state_directory, value->text, &err))
            continue;
        config_say_named(config, directing[i], &err, errors);
        ok = false;
    }
    return ok;
}

bool config_load(const char *path, struct config *ret_config, struct strings *errors) {
    struct bytes bytes = {0};
    struct error err = {0};
    bool done = false;

    /* The operator chose the path, and may have made it a link to where the file is kept. */
    if (!trust_read(path, CONFIG_FILE_MOST, &bytes, &err)) {
        if (err.kind == ERROR_NONE)
            strings_add(errors, "cannot find the configuration file %s; give its path with -c FILE", path);
        else
            strings_add(errors, "cannot read the configuration file: %s", err.text);
        return false;
    }
    done = config_parse((const char *)bytes.data, bytes.length, path, ret_config, errors);
    bytes_free(&bytes);
    if (done && !trust_named_files(ret_config, errors)) {
        config_free(ret_config);
        done = false;
    }
    return done;
}

static bool read_secret(const struct config *config, const char *path, struct secret *ret_secret, struct error *err) {
    bool done = owner_trusts(config->state_directory, path, err) && owner_begin(config->state_directory, path, err) &&
                secret_read_file(path, ret_secret, err);

    owner_end();
    return done;
}

/* Reads the password that one of the two keys names. */
static bool load_password(const struct config *config, enum config_id file, enum config_id credential,
                          struct secret *ret_secret, struct strings *errors) {
    const struct config_value *values = config->values;
    enum config_id used = values[file].text != NULL ? file : credential;
    struct error err = {0};
    bool done = used == file ? read_secret(config, values[file].text, ret_secret, &err)
                             : credential_read(values[credential].text, ret_secret, &err);

    if (!done)
        config_say_named(config, used, &err, errors);
    return done;
}

/* Reads the key table: Kerberos would open the file itself, but later, perhaps as another user. */
static bool load_keytab(const struct config *config, enum config_id id, struct secret *ret_keytab,
                        struct strings *errors) {
    const struct config_value *value = &config->values[id];
    struct bytes bytes = {0};
    struct error err = {0};
    bool done = owner_trusts(config->state_directory, value->text, &err) &&
                owner_begin(config->state_directory, value->text, &err) &&
                file_read_private(AT_FDCWD, value->text, KEYTAB_MOST, &bytes, &err);

    owner_end();
    if (done) {
        *ret_keytab = (struct secret){.value = (char *)bytes.data, .length = bytes.length};
        return true;
    }
    if (err.kind == ERROR_NONE)
        error_set(&err, ERROR_LOCAL,
                  "there is no file %.300s; make the key table with ktpass, samba-tool or adcli, and give it mode 0600",
                  value->text);
    config_say_named(config, id, &err, errors);
    return false;
}

/* The account that goes to the Exchange servers may be the directory's, under the same key table. */
static bool load_windows_keytab(struct config *config, struct strings *errors) {
    bool own = config->values[WINDOWS_KEYTAB].text != NULL;

    return config->policy.method != DELIVERY_BY_WINRM || config->windows.keytab.value != NULL ||
           load_keytab(config, own ? WINDOWS_KEYTAB : DIRECTORY_KEYTAB, &config->windows.keytab, errors);
}

/* Reads the address that a key names, which is a secret too. */
static bool load_address(const struct config *config, enum config_id file, struct secret *address,
                         struct strings *errors) {
    const struct config_value *value = &config->values[file];
    struct error err = {0};

    if (value->text == NULL || address->value != NULL)
        return true;
    if (read_secret(config, value->text, address, &err)) {
        if (https_address_valid(address, &err))
            return true;
        secret_free(address);
        error_context(&err, "%s", value->text);
    }
    config_say_named(config, file, &err, errors);
    return false;
}

bool config_load_secrets(struct config *config, struct strings *errors) {
    bool done = true;

    if (config->directory.bind == BIND_GSSAPI && config->directory.keytab.value == NULL)
        done = load_keytab(config, DIRECTORY_KEYTAB, &config->directory.keytab, errors);
    done = load_windows_keytab(config, errors) && done;

    if (config->directory.bind == BIND_SIMPLE && config->directory.password.value == NULL)
        done = load_password(config, DIRECTORY_PASSWORD_FILE, DIRECTORY_PASSWORD_CREDENTIAL,
                             &config->directory.password, errors) &&
               done;
    if (config->mail.username != NULL && config->mail.relays.count > 0 && config->mail.password.value == NULL)
        done =
            load_password(config, MAIL_PASSWORD_FILE, MAIL_PASSWORD_CREDENTIAL, &config->mail.password, errors) && done;
    done = load_address(config, WEBHOOK_URL_FILE, &config->webhook.url, errors) && done;
    done = load_address(config, METRICS_PING_URL_FILE, &config->ping.url, errors) && done;
    return done;
}

bool config_load_key_password(struct config *config, struct strings *errors) {
    switch (config->key_password_use) {
    case KEY_PASSWORD_NONE:
        return true;
    case KEY_PASSWORD_SET:
        return config->key_password.value != NULL ||
               load_password(config, STATE_KEY_PASSWORD_FILE, STATE_KEY_PASSWORD_CREDENTIAL, &config->key_password,
                             errors);
    case KEY_PASSWORD_MISSING:
        strings_add(errors,
                    "%s: [state] key_password_file: missing; private keys are kept encrypted only: name a file (0600) "
                    "with a password, or set key_password_credential, or key_password = none",
                    config->path);
        return false;
    }
    return false;
}

void config_free(struct config *config) {
    secret_free(&config->directory.password);
    secret_free(&config->directory.keytab);
    secret_free(&config->windows.keytab);
    secret_free(&config->mail.password);
    secret_free(&config->webhook.url);
    secret_free(&config->ping.url);
    secret_free(&config->key_password);
    strings_free(&config->warnings);
    config_values_free(config->values);
    free(config->path);
    *config = (struct config){0};
}
