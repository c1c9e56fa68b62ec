/*
 * The configuration file: strict INI, every error in it reported at once with file, line, key and what was expected.
 * The configuration owns everything it points to, secrets included; free with config_free. Loading reads the file
 * alone; secrets are read by config_load_secrets, so that `config show` never touches them.
 */
#ifndef MONITOR_CONFIG_CONFIG_H
#define MONITOR_CONFIG_CONFIG_H

#include "base/error.h"
#include "core/policy.h"
#include "base/text.h"
#include "entra/settings.h"
#include "ldap/connect/settings.h"
#include "monitor/config/table.h"
#include "monitor/inventory/settings.h"
#include "notify/mail/settings.h"
#include "notify/ping.h"
#include "notify/webhook/settings.h"
#include "probe/probe.h"
#include "renew/deliver/command.h"
#include "renew/keys/pfx_write.h"
#include "windows/windows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#define CONFIG_FILE_MOST ((size_t)256 * 1024) /* bytes */

enum key_password { KEY_PASSWORD_MISSING, KEY_PASSWORD_NONE, KEY_PASSWORD_SET };

struct config {
    char *path;
    struct policy policy;
    struct directory_settings directory; /* its pointers point into `values` */
    struct mail_settings mail;
    struct webhook_settings webhook;
    struct ping_settings ping;
    struct strings servers_ignore;       /* likewise, so it is not to be freed */
    bool probes;                         /* servers are asked for their metadata documents */
    struct probe_settings probe;         /* its pointers point into `values` */
    struct inventory_settings inventory; /* likewise */
    const char *metrics_textfile;        /* NULL = none */
    const char *report_file;             /* likewise */
    const char *state_directory;
    const char *recovery_certificate;  /* NULL = none */
    struct delivery_settings delivery; /* DELIVERY_BY_COMMAND */
    struct windows_settings windows;   /* DELIVERY_BY_WINRM; its pointers point into `values` */
    bool windows_look;                 /* then servers are asked what their stores hold */
    enum pfx_form pfx;
    struct entra_settings entra;        /* its pointers point into `values` */
    struct strings entra_objects;       /* GUID or TENANT:GUID; likewise, so it is not to be freed */
    enum key_password key_password_use; /* KEY_PASSWORD_MISSING: no private key may be kept */
    struct secret key_password;         /* read by config_load_key_password when it is set */
    struct config_value *values;        /* every key of the table with its text and origin, in the table's order */
    struct strings warnings;            /* sentences: allowed, but unwise or without effect */
};

/* Reads and checks `path`. On failure every error is a line of `errors` ("FILE:LINE: [section] key: what was expected")
 * and the result is false; nothing of ret_config is to be used or freed. */
bool config_load(const char *path, struct config *ret_config, struct strings *errors) MUST_CHECK;

/* The same from memory; `path` is only named. */
bool config_parse(const char *text, size_t length, const char *path, struct config *ret_config,
                  struct strings *errors) MUST_CHECK;

/* Reads the password files and credentials that the configuration names into the settings. */
bool config_load_secrets(struct config *config, struct strings *errors) MUST_CHECK;

/* Reads the password that private keys are kept with, for commands that make or open keys. An error when the
 * configuration names none and does not renounce it (key_password = none). */
bool config_load_key_password(struct config *config, struct strings *errors) MUST_CHECK;

/* Prints every setting as "[section]" and "key = value  # origin" lines, origin "default" or "FILE:LINE"; one that is
 * not set and has no default as "# key is not set". What is printed is a configuration file again. Values of *_url_file
 * and password files are paths and shown, a password never is. */
void config_show(const struct config *config, FILE *out);

/* The same as a list of objects; NULL when out of memory. */
json_t *config_json(const struct config *config);

/* Adds "FILE:LINE: [section] key: why": what the key names cannot be had, or is not to be trusted. */
void config_say_named(const struct config *config, enum config_id id, const struct error *err, struct strings *errors);

void config_free(struct config *config);

#endif
