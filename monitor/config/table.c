#include "monitor/config/table.h"

#include <string.h>

#include "base/letters/nearest.h"
#include "core/policy.h"
#include "entra/cloud.h"
#include "entra/settings.h"
#include "ldap/look.h"
#include "notify/mail/mail.h"
#include "notify/webhook/webhook.h"
#include "renew/keys/pfx_write.h"

#define MINUTES SECONDS_PER_MINUTE
#define DAYS SECONDS_PER_DAY
#define WORDS(...)                                                                                                     \
    (const struct config_word[]) {                                                                                     \
        __VA_ARGS__, {                                                                                                 \
            NULL, 0                                                                                                    \
        }                                                                                                              \
    }
#define YES_OR_NO WORDS({"yes", true}, {"no", false})
#define EVER (INT64_C(100) * 365 * DAYS)

const char *const config_sections[SECTION_COUNT] = {"directory", "policy", "servers", "delivery", "windows", "entra",
                                                    "inventory", "mail",   "webhook", "metrics",  "report",  "state"};

const struct config_key config_keys[CONFIG_KEY_COUNT] = {
    [DIRECTORY_URI] = {SECTION_DIRECTORY, "uri", .type = TYPE_URI,
                       .words = WORDS({"ldaps", 0}, {"ldap", 0}, {"ldapi", 0}), .list = true},
    [DIRECTORY_DOMAIN] = {SECTION_DIRECTORY, "domain", .type = TYPE_HOST},
    [DIRECTORY_SITE] = {SECTION_DIRECTORY, "site", .type = TYPE_TEXT},
    [DIRECTORY_BIND] = {SECTION_DIRECTORY, "bind", .type = TYPE_CHOICE, .fallback = "gssapi",
                        .words =
                            WORDS({"gssapi", BIND_GSSAPI}, {"simple", BIND_SIMPLE}, {"anonymous", BIND_ANONYMOUS})},
    [DIRECTORY_BIND_DN] = {SECTION_DIRECTORY, "bind_dn", .type = TYPE_TEXT},
    [DIRECTORY_PASSWORD_FILE] = {SECTION_DIRECTORY, "password_file", .type = TYPE_PATH, .private = true},
    [DIRECTORY_PASSWORD_CREDENTIAL] = {SECTION_DIRECTORY, "password_credential", .type = TYPE_CREDENTIAL,
                                       .private = true},
    [DIRECTORY_KEYTAB] = {SECTION_DIRECTORY, "keytab", .type = TYPE_PATH},
    [DIRECTORY_PRINCIPAL] = {SECTION_DIRECTORY, "principal", .type = TYPE_TEXT},
    [DIRECTORY_TLS] = {SECTION_DIRECTORY, "tls", .type = TYPE_CHOICE, .fallback = "ldaps",
                       .words = WORDS({"ldaps", DIRECTORY_TLS_LDAPS}, {"starttls", DIRECTORY_TLS_STARTTLS},
                                      {"off", DIRECTORY_TLS_OFF})},
    [DIRECTORY_ALLOW_CLEARTEXT] = {SECTION_DIRECTORY, "allow_cleartext", .type = TYPE_CHOICE, .fallback = "no",
                                   .words = WORDS({"no", false}, {"yes", true})},
    [DIRECTORY_CA_FILE] = {SECTION_DIRECTORY, "ca_file", .type = TYPE_PATH},
    [DIRECTORY_TIMEOUT] = {SECTION_DIRECTORY, "timeout", .type = TYPE_SPAN, .fallback = "10s", .least = 1,
                           .most = 10 * MINUTES},
    [DIRECTORY_ORGANIZATION] = {SECTION_DIRECTORY, "organization", .type = TYPE_TEXT},
    [DIRECTORY_WRITER] = {SECTION_DIRECTORY, "writer", .type = TYPE_HOST_OR_AUTO, .fallback = "auto"},
    [DIRECTORY_RECORDS] = {SECTION_DIRECTORY, "records", .type = TYPE_CHOICE, .fallback = "yes", .words = YES_OR_NO},

    [POLICY_MODE] = {SECTION_POLICY, "mode", .type = TYPE_CHOICE, .fallback = "monitor",
                     .words = WORDS({"monitor", MODE_MONITOR}, {"renew", MODE_RENEW})},
    [POLICY_WARN_DAYS] = {SECTION_POLICY, "warn_days", .type = TYPE_NUMBER, .fallback = "90, 60, 45, 30, 14, 7, 3, 1",
                          .least = 1, .most = 36500, .list = true},
    [POLICY_RENEW_BEFORE] = {SECTION_POLICY, "renew_before", .type = TYPE_SPAN, .fallback = "90d", .least = 1,
                             .most = EVER},
    [POLICY_ACTIVATE_AFTER] = {SECTION_POLICY, "activate_after", .type = TYPE_SPAN, .fallback = "30d", .least = 1,
                               .most = EVER},
    [POLICY_MIN_LEAD] = {SECTION_POLICY, "min_lead", .type = TYPE_SPAN, .fallback = "49h", .least = 1, .most = EVER},
    [POLICY_RETIRE_AFTER] = {SECTION_POLICY, "retire_after", .type = TYPE_SPAN, .fallback = "7d", .least = 1,
                             .most = EVER},
    [POLICY_LIFETIME] = {SECTION_POLICY, "lifetime", .type = TYPE_LIFETIME, .fallback = "5y"},
    [POLICY_KEY_BITS] = {SECTION_POLICY, "key_bits", .type = TYPE_CHOICE, .fallback = "2048",
                         .words = WORDS({"2048", 2048}, {"3072", 3072}, {"4096", 4096})},
    [POLICY_HYBRID] = {SECTION_POLICY, "hybrid", .type = TYPE_CHOICE, .fallback = "block",
                       .words = WORDS({"block", false}, {"proceed", true})},

    [SERVERS_PROBE] = {SECTION_SERVERS, "probe", .type = TYPE_CHOICE, .fallback = "metadata",
                       .words = WORDS({"metadata", true}, {"none", false})},
    [SERVERS_URL] = {SECTION_SERVERS, "url", .type = TYPE_PROBE_URL,
                     .fallback = "https://{fqdn}/autodiscover/metadata/json/1"},
    [SERVERS_TLS_NAME] = {SECTION_SERVERS, "tls_name", .type = TYPE_SERVER},
    [SERVERS_VERIFY] = {SECTION_SERVERS, "verify", .type = TYPE_CHOICE, .fallback = "yes", .words = YES_OR_NO},
    [SERVERS_IGNORE] = {SECTION_SERVERS, "ignore", .type = TYPE_SERVER, .list = true},
    [SERVERS_CA_FILE] = {SECTION_SERVERS, "ca_file", .type = TYPE_PATH},
    [SERVERS_TIMEOUT] = {SECTION_SERVERS, "timeout", .type = TYPE_SPAN, .fallback = "10s", .least = 1,
                         .most = 10 * MINUTES},
    [SERVERS_PARALLEL] = {SECTION_SERVERS, "parallel", .type = TYPE_NUMBER, .fallback = "32", .least = 1, .most = 256},

    [DELIVERY_METHOD] = {SECTION_DELIVERY, "method", .type = TYPE_CHOICE, .fallback = "manual",
                         .words = WORDS({"manual", DELIVERY_BY_HAND}, {"command", DELIVERY_BY_COMMAND},
                                        {"winrm", DELIVERY_BY_WINRM})},
    [DELIVERY_COMMAND] = {SECTION_DELIVERY, "command", .type = TYPE_PATH},
    [DELIVERY_TIMEOUT] = {SECTION_DELIVERY, "timeout", .type = TYPE_SPAN, .fallback = "5m", .least = 1, .most = DAYS},
    [DELIVERY_PFX] = {SECTION_DELIVERY, "pfx", .type = TYPE_CHOICE, .fallback = "legacy",
                      .words = WORDS({"legacy", PFX_LEGACY}, {"modern", PFX_MODERN})},
    [DELIVERY_CONFIRM] = {SECTION_DELIVERY, "confirm", .type = TYPE_CHOICE, .fallback = "one-per-site",
                          .words = WORDS({"one-per-site", CONFIRM_ONE_PER_SITE}, {"all", CONFIRM_ALL},
                                         {"any", CONFIRM_ANY})},

    [WINDOWS_TRANSPORT] = {SECTION_WINDOWS, "transport", .type = TYPE_CHOICE, .fallback = "http",
                           .words = WORDS({"http", false}, {"https", true})},
    [WINDOWS_PORT] = {SECTION_WINDOWS, "port", .type = TYPE_NUMBER, .least = 1, .most = 65535},
    [WINDOWS_KEYTAB] = {SECTION_WINDOWS, "keytab", .type = TYPE_PATH},
    [WINDOWS_PRINCIPAL] = {SECTION_WINDOWS, "principal", .type = TYPE_TEXT},
    [WINDOWS_CA_FILE] = {SECTION_WINDOWS, "ca_file", .type = TYPE_PATH},
    [WINDOWS_LOOK] = {SECTION_WINDOWS, "look", .type = TYPE_CHOICE, .fallback = "yes", .words = YES_OR_NO},
    [WINDOWS_REFRESH] = {SECTION_WINDOWS, "refresh", .type = TYPE_CHOICE, .fallback = "no",
                         .words = WORDS({"no", false}, {"yes", true})},
    [WINDOWS_TIMEOUT] = {SECTION_WINDOWS, "timeout", .type = TYPE_SPAN, .fallback = "2m", .least = 1,
                         .most = 10 * MINUTES},
    [WINDOWS_PARALLEL] = {SECTION_WINDOWS, "parallel", .type = TYPE_NUMBER, .fallback = "16", .least = 1, .most = 256},

    [ENTRA_MODE] = {SECTION_ENTRA, "mode", .type = TYPE_CHOICE, .fallback = "off",
                    .words = WORDS({"off", ENTRA_OFF}, {"confirm", ENTRA_CONFIRM}, {"add", ENTRA_ADD})},
    [ENTRA_CLOUD] = {SECTION_ENTRA, "cloud", .type = TYPE_CHOICE, .fallback = "global",
                     .words = WORDS({"global", CLOUD_GLOBAL}, {"usgov", CLOUD_USGOV}, {"dod", CLOUD_DOD},
                                    {"china", CLOUD_CHINA}, {"bleu", CLOUD_BLEU}, {"delos", CLOUD_DELOS},
                                    {"custom", CLOUD_CUSTOM})},
    [ENTRA_LOGIN] = {SECTION_ENTRA, "login", .type = TYPE_URI, .words = WORDS({"https", 0})},
    [ENTRA_GRAPH] = {SECTION_ENTRA, "graph", .type = TYPE_URI, .words = WORDS({"https", 0})},
    [ENTRA_OBJECT_ID] = {SECTION_ENTRA, "object_id", .type = TYPE_OBJECT_ID, .list = true},
    [ENTRA_ASSERTION] = {SECTION_ENTRA, "assertion", .type = TYPE_CHOICE, .fallback = "ps256",
                         .words = WORDS({"ps256", SIGNATURE_PS256}, {"rs256", SIGNATURE_RS256})},
    [ENTRA_PROOF_AUDIENCE] = {SECTION_ENTRA, "proof_audience", .type = TYPE_GUID,
                              .fallback = "00000002-0000-0000-c000-000000000000"},
    [ENTRA_SCOPE] = {SECTION_ENTRA, "scope", .type = TYPE_TEXT},
    [ENTRA_PROXY] = {SECTION_ENTRA, "proxy", .type = TYPE_URI,
                     .words = WORDS({"http", 0}, {"https", 0}, {"socks5h", 0}), .private = true},
    [ENTRA_CA_FILE] = {SECTION_ENTRA, "ca_file", .type = TYPE_PATH},
    [ENTRA_TIMEOUT] = {SECTION_ENTRA, "timeout", .type = TYPE_SPAN, .fallback = "30s", .least = 1,
                       .most = 10 * MINUTES},

    [INVENTORY_WATCH] = {SECTION_INVENTORY, "watch", .type = TYPE_CHOICE, .fallback = "yes", .words = YES_OR_NO},
    [INVENTORY_NAMES] = {SECTION_INVENTORY, "names", .type = TYPE_SERVER, .list = true},
    [INVENTORY_WARN_DAYS] = {SECTION_INVENTORY, "warn_days", .type = TYPE_NUMBER, .fallback = "30, 14, 7, 3, 1",
                             .least = 1, .most = 36500, .list = true},
    [INVENTORY_IGNORE] = {SECTION_INVENTORY, "ignore", .type = TYPE_TEXT, .list = true},

    [MAIL_RELAY] = {SECTION_MAIL, "relay", .type = TYPE_URI, .words = WORDS({"smtps", 0}, {"smtp", 0}), .list = true},
    [MAIL_TLS] = {SECTION_MAIL, "tls", .type = TYPE_CHOICE, .fallback = "required",
                  .words = WORDS({"required", MAIL_TLS_REQUIRED}, {"opportunistic", MAIL_TLS_OPPORTUNISTIC},
                                 {"off", MAIL_TLS_OFF})},
    [MAIL_USERNAME] = {SECTION_MAIL, "username", .type = TYPE_TEXT},
    [MAIL_PASSWORD_FILE] = {SECTION_MAIL, "password_file", .type = TYPE_PATH, .private = true},
    [MAIL_PASSWORD_CREDENTIAL] = {SECTION_MAIL, "password_credential", .type = TYPE_CREDENTIAL, .private = true},
    [MAIL_CA_FILE] = {SECTION_MAIL, "ca_file", .type = TYPE_PATH},
    [MAIL_FROM] = {SECTION_MAIL, "from", .type = TYPE_ADDRESS},
    [MAIL_TO] = {SECTION_MAIL, "to", .type = TYPE_ADDRESS, .list = true},
    [MAIL_ESCALATE_TO] = {SECTION_MAIL, "escalate_to", .type = TYPE_ADDRESS, .list = true},
    [MAIL_ESCALATE_AT] = {SECTION_MAIL, "escalate_at", .type = TYPE_SPAN, .fallback = "14d", .least = 1, .most = EVER},

    [WEBHOOK_URL_FILE] = {SECTION_WEBHOOK, "url_file", .type = TYPE_PATH, .private = true},
    [WEBHOOK_FORMAT] = {SECTION_WEBHOOK, "format", .type = TYPE_CHOICE, .fallback = "teams",
                        .words = WORDS({"teams", WEBHOOK_TEAMS}, {"slack", WEBHOOK_SLACK}, {"json", WEBHOOK_JSON})},
    [WEBHOOK_PROXY] = {SECTION_WEBHOOK, "proxy", .type = TYPE_URI,
                       .words = WORDS({"http", 0}, {"https", 0}, {"socks5h", 0}), .private = true},

    [METRICS_TEXTFILE] = {SECTION_METRICS, "textfile", .type = TYPE_PATH},
    [METRICS_PING_URL_FILE] = {SECTION_METRICS, "ping_url_file", .type = TYPE_PATH, .private = true},
    [METRICS_PROXY] = {SECTION_METRICS, "proxy", .type = TYPE_URI,
                       .words = WORDS({"http", 0}, {"https", 0}, {"socks5h", 0}), .private = true},

    [REPORT_FILE] = {SECTION_REPORT, "file", .type = TYPE_PATH},

    [STATE_DIRECTORY] = {SECTION_STATE, "directory", .type = TYPE_PATH, .fallback = "/var/lib/authcert/default"},
    [STATE_KEY_PASSWORD_FILE] = {SECTION_STATE, "key_password_file", .type = TYPE_PATH, .private = true},
    [STATE_KEY_PASSWORD_CREDENTIAL] = {SECTION_STATE, "key_password_credential", .type = TYPE_CREDENTIAL,
                                       .private = true},
    [STATE_KEY_PASSWORD] = {SECTION_STATE, "key_password", .type = TYPE_CHOICE, .words = WORDS({"none", true}),
                            .private = true},
    [STATE_RECOVERY_CERTIFICATE] = {SECTION_STATE, "recovery_certificate", .type = TYPE_PATH},
};

int config_key_find(enum config_section section, const char *name) {
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (config_keys[i].section == section && strcmp(config_keys[i].name, name) == 0)
            return i;
    return -1;
}

int config_section_find(const char *name) {
    for (int i = 0; i < SECTION_COUNT; i++)
        if (strcmp(config_sections[i], name) == 0)
            return i;
    return -1;
}

int config_key_nearest(enum config_section section, const char *name) {
    size_t best = SIZE_MAX;
    int found = -1;

    for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
        if (config_keys[i].section != section)
            continue;
        size_t apart = nearest_apart(name, config_keys[i].name);
        if (apart < best) {
            best = apart;
            found = i;
        }
    }
    return found;
}

int config_section_nearest(const char *name) {
    size_t best = SIZE_MAX;
    int found = -1;

    for (int i = 0; i < SECTION_COUNT; i++) {
        size_t apart = nearest_apart(name, config_sections[i]);
        if (apart < best) {
            best = apart;
            found = i;
        }
    }
    return found;
}

void config_key_elsewhere(enum config_section section, const char *name, struct strings *ret_sections) {
    for (int i = 0; i < CONFIG_KEY_COUNT; i++)
        if (config_keys[i].section != section && strcmp(config_keys[i].name, name) == 0)
            strings_add(ret_sections, "[%s]", config_sections[config_keys[i].section]);
}
