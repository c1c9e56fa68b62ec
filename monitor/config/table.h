/*
 * Every key that the configuration file knows, in one table: section, name, type, default, list or not. Plain constant
 * data and look-ups in it; nothing here reads a file. What a file said for a key is a struct config_value, one per row
 * of the table and in its order; it owns its strings.
 */
#ifndef MONITOR_CONFIG_TABLE_H
#define MONITOR_CONFIG_TABLE_H

#include "base/text.h"
#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_section {
    SECTION_DIRECTORY,
    SECTION_POLICY,
    SECTION_SERVERS,
    SECTION_DELIVERY,
    SECTION_WINDOWS,
    SECTION_ENTRA,
    SECTION_MAIL,
    SECTION_WEBHOOK,
    SECTION_METRICS,
    SECTION_STATE
};
#define SECTION_COUNT 10

enum config_id {
    DIRECTORY_URI,
    DIRECTORY_DOMAIN,
    DIRECTORY_SITE,
    DIRECTORY_BIND,
    DIRECTORY_BIND_DN,
    DIRECTORY_PASSWORD_FILE,
    DIRECTORY_PASSWORD_CREDENTIAL,
    DIRECTORY_KEYTAB,
    DIRECTORY_PRINCIPAL,
    DIRECTORY_TLS,
    DIRECTORY_ALLOW_CLEARTEXT,
    DIRECTORY_CA_FILE,
    DIRECTORY_TIMEOUT,
    DIRECTORY_ORGANIZATION,
    DIRECTORY_WRITER,
    DIRECTORY_RECORDS,
    POLICY_MODE,
    POLICY_WARN_DAYS,
    POLICY_RENEW_BEFORE,
    POLICY_ACTIVATE_AFTER,
    POLICY_MIN_LEAD,
    POLICY_RETIRE_AFTER,
    POLICY_LIFETIME,
    POLICY_KEY_BITS,
    POLICY_HYBRID,
    SERVERS_PROBE,
    SERVERS_URL,
    SERVERS_TLS_NAME,
    SERVERS_VERIFY,
    SERVERS_IGNORE,
    SERVERS_CA_FILE,
    SERVERS_TIMEOUT,
    SERVERS_PARALLEL,
    DELIVERY_METHOD,
    DELIVERY_COMMAND,
    DELIVERY_TIMEOUT,
    DELIVERY_PFX,
    DELIVERY_CONFIRM,
    WINDOWS_TRANSPORT,
    WINDOWS_PORT,
    WINDOWS_KEYTAB,
    WINDOWS_PRINCIPAL,
    WINDOWS_CA_FILE,
    WINDOWS_LOOK,
    WINDOWS_TIMEOUT,
    WINDOWS_PARALLEL,
    ENTRA_MODE,
    ENTRA_CLOUD,
    ENTRA_LOGIN,
    ENTRA_GRAPH,
    ENTRA_OBJECT_ID,
    ENTRA_ASSERTION,
    ENTRA_PROOF_AUDIENCE,
    ENTRA_SCOPE,
    ENTRA_PROXY,
    ENTRA_CA_FILE,
    ENTRA_TIMEOUT,
    MAIL_RELAY,
    MAIL_TLS,
    MAIL_USERNAME,
    MAIL_PASSWORD_FILE,
    MAIL_PASSWORD_CREDENTIAL,
    MAIL_CA_FILE,
    MAIL_FROM,
    MAIL_TO,
    MAIL_ESCALATE_TO,
    MAIL_ESCALATE_AT,
    WEBHOOK_URL_FILE,
    WEBHOOK_FORMAT,
    WEBHOOK_PROXY,
    METRICS_TEXTFILE,
    METRICS_PING_URL_FILE,
    METRICS_PROXY,
    STATE_DIRECTORY,
    STATE_KEY_PASSWORD_FILE,
    STATE_KEY_PASSWORD_CREDENTIAL,
    STATE_KEY_PASSWORD,
    STATE_RECOVERY_CERTIFICATE
};
#define CONFIG_KEY_COUNT (STATE_RECOVERY_CERTIFICATE + 1)

enum config_type {
    TYPE_TEXT,         /* any printable text */
    TYPE_CHOICE,       /* one of `words`; number is its value */
    TYPE_NUMBER,       /* whole, least..most */
    TYPE_SPAN,         /* fixed length, least..most seconds */
    TYPE_LIFETIME,     /* span that may count calendar years */
    TYPE_PATH,         /* absolute */
    TYPE_CREDENTIAL,   /* name of a systemd credential */
    TYPE_HOST,         /* host name */
    TYPE_SERVER,       /* host name that only another machine can have */
    TYPE_HOST_OR_AUTO, /* host name or the word auto */
    TYPE_URI,          /* scheme among `words`, host, perhaps a port, nothing else */
    TYPE_PROBE_URL,    /* https address with {fqdn} in it */
    TYPE_ADDRESS,      /* mail address */
    TYPE_GUID,         /* such as 11111111-2222-3333-4444-555555555555 */
    TYPE_OBJECT_ID     /* one, or TENANT:GUID */
};

/* A word of a choice and what it means: an enumerator, a number, or true and false. */
struct config_word {
    const char *word;
    int value;
};

struct config_key {
    enum config_section section;
    const char *name;
    enum config_type type;
    const char *fallback;            /* the default as it would be written; NULL = not set */
    const struct config_word *words; /* of a choice, or the schemes of a URI; one without a word is the end */
    int64_t least;                   /* bounds of a number or a span */
    int64_t most;
    bool list;    /* comma-separated */
    bool private; /* a mistaken value may be a secret, so it is never repeated */
};

struct config_value {
    char *text;           /* as it would be written; NULL = not set and no default */
    struct strings items; /* the entries of a list */
    int64_t number;       /* a choice's value, or a number */
    struct span span;
    unsigned line; /* where the file sets it; 0 = it does not */
    bool bad;      /* reported already: checks that need it stay silent */
};

extern const struct config_key config_keys[CONFIG_KEY_COUNT];
extern const char *const config_sections[SECTION_COUNT];

/* Index in config_keys, or -1. */
int config_key_find(enum config_section section, const char *name);

/* The section of this exact name, or -1. */
int config_section_find(const char *name);

/* What the writer most likely meant, or -1 when nothing is near. */
int config_key_nearest(enum config_section section, const char *name);
int config_section_nearest(const char *name);

/* Some other section that has a key of this name, or -1. */
int config_key_elsewhere(enum config_section section, const char *name);

#endif
