#include "monitor/config/check.h"

#include <string.h>

#include "core/tenant.h"
#include "ldap/connect/settings.h"
#include "monitor/config/value.h"
#include "notify/mail/settings.h"

static bool set(const struct config_draft *draft, enum config_id id) {
    return draft->values[id].line != 0;
}

static void warn_directory(const struct config_draft *draft, struct strings *warnings) {
    static const enum config_id simple[] = {DIRECTORY_BIND_DN, DIRECTORY_PASSWORD_FILE, DIRECTORY_PASSWORD_CREDENTIAL};
    static const enum config_id gssapi[] = {DIRECTORY_KEYTAB, DIRECTORY_PRINCIPAL};
    const struct config_value *values = draft->values;
    const struct strings *uris = &values[DIRECTORY_URI].items;
    int64_t bind = values[DIRECTORY_BIND].number;

    for (size_t i = 0; i < 3 && bind != BIND_SIMPLE; i++)
        if (set(draft, simple[i]))
            strings_add(warnings, "[directory] %s (line %u): without effect, because bind is %s and not simple",
                        config_keys[simple[i]].name, values[simple[i]].line, values[DIRECTORY_BIND].text);
    for (size_t i = 0; i < 2 && bind != BIND_GSSAPI; i++)
        if (set(draft, gssapi[i]))
            strings_add(warnings, "[directory] %s (line %u): without effect, because bind is %s and not gssapi",
                        config_keys[gssapi[i]].name, values[gssapi[i]].line, values[DIRECTORY_BIND].text);
    for (size_t i = 0; i < uris->count && bind != BIND_GSSAPI; i++)
        if (config_uri_has_scheme(uris->items[i], "ldap") && values[DIRECTORY_TLS].number == DIRECTORY_TLS_OFF &&
            !config_uri_is_loopback(uris->items[i]))
            strings_add(warnings,
                        "[directory] tls = off: whoever sits between this host and %s can change what is "
                        "read",
                        uris->items[i]);
}

static void warn_servers(const struct config_draft *draft, struct strings *warnings) {
    /* The last ones hold for the other certificates too. */
    static const enum config_id asking[] = {SERVERS_URL,     SERVERS_VERIFY,  SERVERS_TLS_NAME,
                                            SERVERS_CA_FILE, SERVERS_TIMEOUT, SERVERS_PARALLEL};
    const size_t all = sizeof(asking) / sizeof(asking[0]);
    bool asks = draft->values[SERVERS_PROBE].number != 0;
    bool watches = draft->values[INVENTORY_WATCH].number != 0;

    for (size_t i = 0; i < (watches ? 2 : all) && !asks; i++)
        if (set(draft, asking[i]))
            strings_add(warnings, "[servers] %s (line %u): without effect, because probe is none",
                        config_keys[asking[i]].name, draft->values[asking[i]].line);
    if (asks && draft->values[SERVERS_VERIFY].number == 0)
        strings_add(
            warnings,
            "[servers] verify = no (line %u): what servers say still gives the bytes of certificates, but which "
            "server has which stays unknown; name the CA in ca_file instead",
            draft->values[SERVERS_VERIFY].line);
}

static void warn_windows(const struct config_draft *draft, struct strings *warnings) {
    const struct config_value *values = draft->values;

    for (int id = WINDOWS_TRANSPORT; id <= WINDOWS_PARALLEL && values[DELIVERY_METHOD].number != DELIVERY_BY_WINRM;
         id++)
        if (set(draft, (enum config_id)id))
            strings_add(warnings,
                        "[windows] %s (line %u): without effect, because [delivery] method is %s and not winrm",
                        config_keys[id].name, values[id].line, values[DELIVERY_METHOD].text);
    if (values[DELIVERY_METHOD].number == DELIVERY_BY_WINRM && set(draft, DELIVERY_COMMAND))
        strings_add(warnings, "[delivery] command (line %u): without effect, because method is winrm",
                    values[DELIVERY_COMMAND].line);
}

static void warn_entra(const struct config_draft *draft, struct strings *warnings) {
    const struct config_value *values = draft->values;
    const bool off = values[ENTRA_MODE].number == ENTRA_OFF;

    for (int id = ENTRA_MODE + 1; id <= ENTRA_TIMEOUT && off; id++)
        if (set(draft, (enum config_id)id))
            strings_add(warnings, "[entra] %s (line %u): without effect, because mode is off", config_keys[id].name,
                        values[id].line);
    if (!off && values[POLICY_HYBRID].number != 0)
        strings_add(warnings,
                    "[policy] hybrid = proceed (line %u): without effect on a tenant that [entra] asks: only its yes, "
                    "or yours by authcert entra confirm, lets a new certificate take over",
                    values[POLICY_HYBRID].line);
    if (values[ENTRA_MODE].number == ENTRA_ADD && !set(draft, ENTRA_OBJECT_ID))
        strings_add(warnings, "[entra] object_id is not set: without it no key can be added");
}

static void warn_mail(const struct config_draft *draft, struct strings *warnings) {
    if (!set(draft, MAIL_RELAY))
        strings_add(warnings, "[mail] relay is not set: nobody will be notified by mail");
    else if (draft->values[MAIL_TLS].number == MAIL_TLS_OPPORTUNISTIC && !set(draft, MAIL_USERNAME))
        strings_add(
            warnings,
            "[mail] tls = opportunistic (line %u): the certificate of a relay with smtp:// is not looked at; who "
            "stands between can read and change the messages",
            draft->values[MAIL_TLS].line);
    if (set(draft, MAIL_RELAY) && set(draft, MAIL_ESCALATE_AT) && !set(draft, MAIL_ESCALATE_TO))
        strings_add(warnings, "[mail] escalate_at (line %u): without effect, because escalate_to is not set",
                    draft->values[MAIL_ESCALATE_AT].line);
}

/* Settings of an address that is not there. */
static void warn_addresses(const struct config_draft *draft, struct strings *warnings) {
    static const enum config_id pairs[][2] = {
        {WEBHOOK_FORMAT, WEBHOOK_URL_FILE}, {WEBHOOK_PROXY, WEBHOOK_URL_FILE}, {METRICS_PROXY, METRICS_PING_URL_FILE}};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (set(draft, pairs[i][0]) && !set(draft, pairs[i][1]))
            strings_add(warnings, "[%s] %s (line %u): without effect, because %s is not set",
                        config_sections[config_keys[pairs[i][0]].section], config_keys[pairs[i][0]].name,
                        draft->values[pairs[i][0]].line, config_keys[pairs[i][1]].name);
}

void config_check_warnings(const struct config_draft *draft, struct strings *warnings) {
    const struct config_value *values = draft->values;
    const char *textfile = values[METRICS_TEXTFILE].text;

    warn_directory(draft, warnings);
    if (values[POLICY_RENEW_BEFORE].span.seconds <= values[POLICY_ACTIVATE_AFTER].span.seconds)
        strings_add(warnings,
                    "[policy] renew_before (%s) is not longer than activate_after (%s): a new certificate "
                    "would be activated in haste",
                    values[POLICY_RENEW_BEFORE].text, values[POLICY_ACTIVATE_AFTER].text);
    if (values[STATE_KEY_PASSWORD].text != NULL)
        strings_add(
            warnings,
            "[state] key_password = none (line %u): private keys are stored unencrypted; whoever reads the disk "
            "or a backup of it can sign tokens for every mailbox",
            values[STATE_KEY_PASSWORD].line);
    warn_servers(draft, warnings);
    warn_windows(draft, warnings);
    warn_entra(draft, warnings);
    warn_mail(draft, warnings);
    warn_addresses(draft, warnings);
    if (textfile != NULL && (strlen(textfile) < 5 || strcmp(textfile + strlen(textfile) - 5, ".prom") != 0))
        strings_add(warnings,
                    "[metrics] textfile (line %u): Prometheus' node exporter reads only files whose names "
                    "end in .prom",
                    values[METRICS_TEXTFILE].line);
}
