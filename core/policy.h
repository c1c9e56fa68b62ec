/*
 * What the admin wants, as the decision needs it. Plain values; filled by the configuration, owned by it.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "base/time.h"
#include "core/tenant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_WARN_MOST 32

#define CONFIG_DEFAULT_PATH "/etc/authcert/authcert.conf"

enum mode { MODE_MONITOR, MODE_RENEW };

/* How a key pair gets to the servers; by hand, an admin confirms it. */
enum delivery_method { DELIVERY_BY_HAND, DELIVERY_BY_COMMAND, DELIVERY_BY_WINRM };

/* On how many counted servers a new certificate has to be before it is staged. */
enum confirm { CONFIRM_ONE_PER_SITE, CONFIRM_ALL, CONFIRM_ANY };

struct policy {
    enum mode mode;
    int warn_days[POLICY_WARN_MOST]; /* descending, no duplicates */
    size_t warn_count;               /* at least 1 */
    int64_t renew_before;            /* seconds, like the next four */
    int64_t activate_after;
    int64_t min_lead;
    int64_t retire_after;
    int64_t escalate_at;
    struct span lifetime;
    int key_bits;
    bool hybrid_proceed;
    enum entra_mode entra;
    enum confirm confirm;
    enum delivery_method method;
    const char *config; /* for commands in texts: the configuration's path, borrowed; NULL = the default one */
    time_t built;       /* when the program was built: a clock that says earlier is wrong; 0 = not known */
};

/* The documented defaults. */
void policy_default(struct policy *ret_policy);

#endif
