/*
 * What the admin wants of the inventory. Plain values, borrowed from the configuration.
 */
#ifndef MONITOR_INVENTORY_SETTINGS_H
#define MONITOR_INVENTORY_SETTINGS_H

#include "base/text.h"
#include "core/policy.h"

#include <stdbool.h>
#include <stddef.h>

struct inventory_settings {
    bool watch;                      /* each night, after the auth certificate */
    struct strings names;            /* host names that clients use too */
    struct strings domains;          /* mail domains as the Internet sees them */
    struct strings ignore;           /* places, hosts and connectors, compared without case */
    int warn_days[POLICY_WARN_MOST]; /* descending, no duplicates */
    size_t warn_count;
    const char *tls_name; /* that is asked for at every server's port 443; NULL = its own */
};

#endif
