/*
 * What the configuration says of the webhook: plain data, borrowed from the configuration but for the address.
 */
#ifndef NOTIFY_WEBHOOK_SETTINGS_H
#define NOTIFY_WEBHOOK_SETTINGS_H

#include "base/secret.h"

enum webhook_format { WEBHOOK_TEAMS, WEBHOOK_SLACK, WEBHOOK_JSON };

struct webhook_settings {
    struct secret url; /* no value = no webhook */
    enum webhook_format format;
    const char *proxy; /* NULL = none */
};

#endif
