#include "ldap/connect/bind.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "base/letters/oddity.h"
#include "ldap/connect/sasl.h"
#include "ldap/connect/trouble.h"

#define WHAT_SIZE 320

static bool gssapi_allowed(const struct directory_settings *settings, const char *text, struct error *err) {
    struct directory_uri uri;

    if (!settings->keytab.value || settings->keytab.length == 0)
        return error_set(err, ERROR_CONFIG, "bind = gssapi needs a key table: set keytab");
    if (!directory_uri_parse(text, &uri, err))
        return false;
    return !uri.local || error_set(err, ERROR_CONFIG,
                                   "bind = gssapi needs the server's host name, which ldapi:// does not have: write "
                                   "ldaps://HOST");
}

static bool simple_allowed(const struct directory_settings *settings, const char *text, struct error *err) {
    struct directory_uri uri;

    if (!settings->bind_dn || !settings->bind_dn[0])
        return error_set(err, ERROR_CONFIG, "bind = simple needs bind_dn, the account to log in with");
    if (!settings->password.value || settings->password.length == 0)
        return error_set(err, ERROR_CONFIG,
                         "bind = simple needs a password, and there is none: a log-in with an empty one "
                         "is no log-in. Set password_file or password_credential");
    if (!directory_uri_parse(text, &uri, err))
        return false;
    if (!uri.tls && !uri.local && settings->tls == DIRECTORY_TLS_OFF && !settings->allow_cleartext)
        return error_set(err, ERROR_CONFIG,
                         "the password would cross the network unencrypted, so nothing was sent: write ldaps://, or "
                         "tls = starttls (allow_cleartext = yes permits it on this very machine)");
    return true;
}

bool bind_allowed(const struct directory_settings *settings, const char *uri, struct error *err) {
    switch (settings->bind) {
    case BIND_GSSAPI:
        return gssapi_allowed(settings, uri, err);
    case BIND_SIMPLE:
        return simple_allowed(settings, uri, err);
    case BIND_ANONYMOUS:
        return true;
    }
    return error_set(err, ERROR_BUG, "unknown way to log in: %d", (int)settings->bind);
}

/* Sends one simple bind and waits for its answer; an empty name and password are the anonymous one. */
static bool send_simple(struct connection *connection, const char *dn, const char *password, size_t length,
                        const char *what, struct error *err) {
    struct berval credentials = {.bv_len = length, .bv_val = (char *)(size_t)password};
    int code = ldap_sasl_bind_s(connection->handle, dn, LDAP_SASL_SIMPLE, &credentials, NULL, NULL, NULL);

    return code == LDAP_SUCCESS || trouble_set(connection->handle, connection_outcome(connection, code), what, err);
}

/* What nobody sees in the password's file may be why it is refused. Always false. */
static bool note_odd_password(const struct secret *password, struct error *err) {
    char note[ODDITY_SIZE];

    if (err != NULL && err->kind == ERROR_CREDENTIALS)
        error_set(err, err->kind, "%s%s", err->text, oddity_note(password->value, password->length, note));
    return false;
}

static bool bind_simple(struct connection *connection, const struct directory_settings *settings, struct error *err) {
    char what[WHAT_SIZE];

    /* The address that was reached decides, not the name that was asked for. */
    if (!connection->encrypted && !connection->uri.local && !(settings->allow_cleartext && connection->loopback))
        return error_set(
            err, ERROR_CONFIG,
            "the password would cross the network unencrypted, so it was not sent: allow_cleartext permits "
            "that on this very machine only. Write ldaps://, or tls = starttls");
    snprintf(what, sizeof(what), "log in as %s", settings->bind_dn);
    return send_simple(connection, settings->bind_dn, settings->password.value, settings->password.length, what, err) ||
           note_odd_password(&settings->password, err);
}

bool bind_account(struct connection *connection, const struct directory_settings *settings, struct error *err) {
    switch (settings->bind) {
    case BIND_GSSAPI:
        return sasl_bind(connection, settings, err);
    case BIND_SIMPLE:
        return bind_simple(connection, settings, err);
    case BIND_ANONYMOUS:
        return send_simple(connection, "", "", 0, "log in anonymously", err);
    }
    return error_set(err, ERROR_BUG, "unknown way to log in: %d", (int)settings->bind);
}
