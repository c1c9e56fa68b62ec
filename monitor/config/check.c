#include "monitor/config/check.h"

#include <string.h>

#include "base/time.h"
#include "entra/cloud.h"
#include "ldap/connect/settings.h"
#include "monitor/config/value.h"
#include "notify/mail/settings.h"

/* A token lives 24 hours; Exchange's caches and its servicelet add up to 12.5 more. */
#define RETIRE_LEAST ((int64_t)37 * SECONDS_PER_HOUR)
#define LIFETIME_MARGIN ((int64_t)7 * SECONDS_PER_DAY)

#define SITE_MOST 63

static bool set(const struct config_draft *draft, enum config_id id) {
    return draft->values[id].line != 0;
}

static bool good(const struct config_draft *draft, enum config_id id) {
    return !draft->values[id].bad;
}

static int64_t number(const struct config_draft *draft, enum config_id id) {
    return draft->values[id].number;
}

/* Exactly one of a password file and a credential, when a password is needed at all. */
static void check_password(struct config_draft *draft, enum config_id file, enum config_id credential,
                           const char *needed_by) {
    if (set(draft, file) && set(draft, credential))
        config_problem_key(draft, credential, "%s is set too; keep one of the two", config_keys[file].name);
    else if (needed_by != NULL && !set(draft, file) && !set(draft, credential))
        config_problem_key(draft, file, "missing; %s needs a password: set password_file or password_credential",
                           needed_by);
}

static void check_bind(struct config_draft *draft) {
    bool simple = number(draft, DIRECTORY_BIND) == BIND_SIMPLE;

    if (!good(draft, DIRECTORY_BIND))
        return;
    if (number(draft, DIRECTORY_BIND) == BIND_GSSAPI && !set(draft, DIRECTORY_KEYTAB))
        config_problem_key(draft, DIRECTORY_KEYTAB,
                           "missing; bind = gssapi (the default) needs the account's key table; bind = simple logs in "
                           "with name and password");
    if (simple && !set(draft, DIRECTORY_BIND_DN))
        config_problem_key(draft, DIRECTORY_BIND_DN,
                           "missing; bind = simple needs the account's name, such as "
                           "CN=svc-authcert,OU=Service,DC=contoso,DC=test");
    check_password(draft, DIRECTORY_PASSWORD_FILE, DIRECTORY_PASSWORD_CREDENTIAL, simple ? "bind = simple" : NULL);
}

/* Is the connection to this address unprotected with this setting of tls? */
static bool in_clear(const char *uri, int64_t tls) {
    return config_uri_has_scheme(uri, "ldap") && tls == DIRECTORY_TLS_OFF;
}

/* A label of DNS, which a site's name becomes (RFC 1035 2.3.4); Active Directory takes letters of any alphabet. */
static bool is_site(const char *name) {
    return name[0] != '\0' && strlen(name) <= SITE_MOST && !strpbrk(name, ". \t\\/,");
}

/* The domain controllers are named, or found by DNS: one of the two. */
static void check_domain(struct config_draft *draft) {
    const struct config_value *site = &draft->values[DIRECTORY_SITE];
    bool domain = set(draft, DIRECTORY_DOMAIN);

    if (domain && set(draft, DIRECTORY_URI) && good(draft, DIRECTORY_DOMAIN))
        config_problem_key(draft, DIRECTORY_DOMAIN, "uri is set too; keep one of the two");
    else if (!domain && !set(draft, DIRECTORY_URI))
        config_problem_key(draft, DIRECTORY_URI,
                           "missing; name at least one domain controller, such as ldaps://dc1.contoso.test, or set "
                           "domain = contoso.test to find them by DNS");
    if (site->line != 0 && !domain)
        config_problem_key(draft, DIRECTORY_SITE,
                           "it says which domain controllers of domain are asked first, and domain is not set");
    else if (site->line != 0 && good(draft, DIRECTORY_SITE) && !is_site(site->text))
        config_problem_key(draft, DIRECTORY_SITE,
                           "expected the name of one Active Directory site, such as Default-First-Site-Name");
    if (domain && good(draft, DIRECTORY_TLS) && good(draft, DIRECTORY_BIND) &&
        number(draft, DIRECTORY_TLS) == DIRECTORY_TLS_OFF && number(draft, DIRECTORY_BIND) == BIND_SIMPLE)
        config_problem_key(draft, DIRECTORY_TLS,
                           "off would send the password of bind_dn in clear text to whatever DNS names; use ldaps or "
                           "starttls");
}

static void check_uris(struct config_draft *draft) {
    const struct strings *uris = &draft->values[DIRECTORY_URI].items;
    int64_t tls = number(draft, DIRECTORY_TLS);
    bool simple = good(draft, DIRECTORY_BIND) && number(draft, DIRECTORY_BIND) == BIND_SIMPLE;

    check_domain(draft);
    if (!set(draft, DIRECTORY_URI) || !good(draft, DIRECTORY_URI) || !good(draft, DIRECTORY_TLS))
        return;
    for (size_t i = 0; i < uris->count; i++) {
        if (config_uri_has_scheme(uris->items[i], "ldap") && tls == DIRECTORY_TLS_LDAPS) {
            config_problem_key(draft, DIRECTORY_URI,
                               "%.300s is not encrypted, and tls = ldaps wants that; write ldaps://, or set tls = "
                               "starttls to encrypt it after connecting",
                               uris->items[i]);
            return;
        }
        if (in_clear(uris->items[i], tls) && simple && number(draft, DIRECTORY_ALLOW_CLEARTEXT) == 0) {
            config_problem_key(draft, DIRECTORY_TLS,
                               "off would send the password of bind_dn in clear text to %.300s; use ldaps or starttls "
                               "(allow_cleartext = yes allows it on this host's loopback alone)",
                               uris->items[i]);
            return;
        }
    }
}

void config_check_directory(struct config_draft *draft) {
    check_uris(draft);
    check_bind(draft);
}

void config_check_policy(struct config_draft *draft) {
    struct config_value *values = draft->values;
    struct config_value *lifetime = &values[POLICY_LIFETIME];
    int64_t needed =
        values[POLICY_ACTIVATE_AFTER].span.seconds + values[POLICY_RENEW_BEFORE].span.seconds + LIFETIME_MARGIN;
    /* The shortest that so many calendar years can be. */
    int64_t shortest = (int64_t)lifetime->span.years * 365 * SECONDS_PER_DAY + lifetime->span.seconds;

    if (good(draft, POLICY_WARN_DAYS) && values[POLICY_WARN_DAYS].items.count > POLICY_WARN_MOST)
        config_problem_key(draft, POLICY_WARN_DAYS, "expected at most %d thresholds, not %zu", POLICY_WARN_MOST,
                           values[POLICY_WARN_DAYS].items.count);
    if (good(draft, POLICY_RETIRE_AFTER) && values[POLICY_RETIRE_AFTER].span.seconds < RETIRE_LEAST)
        config_problem_key(draft, POLICY_RETIRE_AFTER,
                           "expected at least 37h: tokens signed with the old key live so long, and would be refused");
    if (!good(draft, POLICY_LIFETIME) || !good(draft, POLICY_ACTIVATE_AFTER) || !good(draft, POLICY_RENEW_BEFORE))
        return;
    if (shortest < needed) {
        enum config_id at = POLICY_LIFETIME;
        char days[TIME_TEXT_SIZE];
        if (!set(draft, POLICY_LIFETIME))
            at = set(draft, POLICY_RENEW_BEFORE) ? POLICY_RENEW_BEFORE : POLICY_ACTIVATE_AFTER;
        config_problem_key(draft, at,
                           "expected a lifetime of at least activate_after + renew_before + 7d = %s, not %s: each new "
                           "certificate would be due for renewal at once",
                           span_format(days, (struct span){.seconds = needed}), lifetime->text);
    }
}

/* A password goes over smtp:// only where TLS is required or the relay is this host. */
static void check_mail_clear(struct config_draft *draft) {
    const struct strings *relays = &draft->values[MAIL_RELAY].items;

    if (!set(draft, MAIL_USERNAME) || !good(draft, MAIL_RELAY) || !good(draft, MAIL_TLS) ||
        number(draft, MAIL_TLS) == MAIL_TLS_REQUIRED)
        return;
    for (size_t i = 0; i < relays->count; i++) {
        if (!config_uri_has_scheme(relays->items[i], "smtp") || config_uri_is_loopback(relays->items[i]))
            continue;
        config_problem_key(draft, MAIL_TLS,
                           "%s could send the password of username in clear text to %.300s; use tls = required, or "
                           "smtps:// for this relay",
                           draft->values[MAIL_TLS].text, relays->items[i]);
        return;
    }
}

static void check_mail(struct config_draft *draft) {
    if (set(draft, MAIL_RELAY)) {
        if (!set(draft, MAIL_FROM))
            config_problem_key(draft, MAIL_FROM, "missing; a relay is set, so give the sender's address");
        if (!set(draft, MAIL_TO))
            config_problem_key(draft, MAIL_TO, "missing; a relay is set, so give at least one recipient");
    }
    check_password(draft, MAIL_PASSWORD_FILE, MAIL_PASSWORD_CREDENTIAL, set(draft, MAIL_USERNAME) ? "username" : NULL);
    if (!set(draft, MAIL_USERNAME) && (set(draft, MAIL_PASSWORD_FILE) || set(draft, MAIL_PASSWORD_CREDENTIAL)))
        config_problem_key(draft, MAIL_USERNAME, "missing; a password is set, so give the name that it belongs to");
    check_mail_clear(draft);
}

static void check_state(struct config_draft *draft) {
    enum config_id ways[] = {STATE_KEY_PASSWORD_FILE, STATE_KEY_PASSWORD_CREDENTIAL, STATE_KEY_PASSWORD};
    int first = -1;

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (!set(draft, ways[i]))
            continue;
        if (first >= 0)
            config_problem_key(draft, ways[i], "%s is set too; keep one of the two", config_keys[first].name);
        first = (int)ways[i];
    }
}

static void check_entra(struct config_draft *draft) {
    static const enum config_id hosts[] = {ENTRA_LOGIN, ENTRA_GRAPH};

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        if (good(draft, ENTRA_CLOUD) && number(draft, ENTRA_CLOUD) == CLOUD_CUSTOM && !set(draft, hosts[i]))
            config_problem_key(draft, hosts[i], "missing; cloud = custom needs both login and graph");
}

void config_check_rest(struct config_draft *draft) {
    if (good(draft, DELIVERY_METHOD) && number(draft, DELIVERY_METHOD) == DELIVERY_BY_COMMAND &&
        !set(draft, DELIVERY_COMMAND))
        config_problem_key(draft, DELIVERY_COMMAND, "missing; method = command needs the path of a program");
    if (good(draft, DELIVERY_METHOD) && number(draft, DELIVERY_METHOD) == DELIVERY_BY_WINRM &&
        !set(draft, WINDOWS_KEYTAB) && !set(draft, DIRECTORY_KEYTAB))
        config_problem_key(draft, WINDOWS_KEYTAB,
                           "missing; method = winrm needs the key table of an account that is a local administrator "
                           "of the Exchange servers");
    check_entra(draft);
    check_mail(draft);
    check_state(draft);
}
