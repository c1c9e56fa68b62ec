#include "core/policy.h"

#include <string.h>

#define DAYS(n) ((int64_t)(n)*SECONDS_PER_DAY)

void policy_default(struct policy *ret_policy) {
    static const int warn_days[] = {90, 60, 45, 30, 14, 7, 3, 1};

    *ret_policy = (struct policy){
        .mode = MODE_MONITOR,
        .warn_count = sizeof(warn_days) / sizeof(warn_days[0]),
        .renew_before = DAYS(90),
        .activate_after = DAYS(30),
        /* One nightly run and one 12-hour pass of Exchange's own servicelet fit, and the hour in which servers pull. */
        .min_lead = (int64_t)49 * SECONDS_PER_HOUR,
        .retire_after = DAYS(7),
        .escalate_at = DAYS(14),
        .lifetime = {.years = 5},
        .key_bits = 2048,
    };
    memcpy(ret_policy->warn_days, warn_days, sizeof(warn_days));
}
