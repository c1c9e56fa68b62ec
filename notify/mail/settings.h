/*
 * What the configuration says of mail: plain data, borrowed from the configuration.
 */
#ifndef NOTIFY_MAIL_SETTINGS_H
#define NOTIFY_MAIL_SETTINGS_H

#include "base/secret.h"
#include "base/text.h"
#include "notify/mail/patience.h"

enum mail_tls { MAIL_TLS_REQUIRED, MAIL_TLS_OPPORTUNISTIC, MAIL_TLS_OFF };

/* Outlives every call that gets it. */
struct mail_settings {
    struct strings relays; /* smtp://host[:port] or smtps://host[:port], tried in order; empty = no mail configured */
    /* For smtp://. Opportunistic is RFC 7435: encrypted where the relay can, without asking who it is; in clear where
     * it cannot. */
    enum mail_tls tls;
    const char *username; /* NULL = no AUTH; else TLS is required, whatever `tls` says */
    struct secret password;
    const char *ca_file; /* NULL = the system's */
    const char *from;
    struct strings to;
    struct strings escalate_to;
    const struct patience *patience; /* NULL = patience_standard */
};

#endif
