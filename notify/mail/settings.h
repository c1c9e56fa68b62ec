/*
 * What the configuration says of mail: plain data, borrowed from the configuration.
 */
#ifndef NOTIFY_MAIL_SETTINGS_H
#define NOTIFY_MAIL_SETTINGS_H

#include "base/secret.h"
#include "base/text.h"

enum mail_tls { MAIL_TLS_REQUIRED, MAIL_TLS_OPPORTUNISTIC, MAIL_TLS_OFF };

/* Outlives every call that gets it. */
struct mail_settings {
    struct strings relays; /* smtp://host[:port] or smtps://host[:port], tried in order; empty = no mail configured */
    enum mail_tls tls;     /* for smtp:// */
    const char *username;  /* NULL = no AUTH; else TLS is required, whatever `tls` says */
    struct secret password;
    const char *ca_file; /* NULL = the system's */
    const char *from;
    struct strings to;
    struct strings escalate_to;
    int timeout; /* seconds for connecting, and without progress afterwards */
};

#endif
