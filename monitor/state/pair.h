/*
 * The pair (current, previous) that the directory showed last, and since when: what tells how long ago a promotion was
 * where the directory does not keep its times. Plain values; empty when zeroed.
 */
#ifndef MONITOR_STATE_PAIR_H
#define MONITOR_STATE_PAIR_H

#include "core/slots.h"

#include <stdbool.h>
#include <time.h>

struct pair {
    char current[THUMBPRINT_SIZE];
    char previous[THUMBPRINT_SIZE];
    time_t since; /* the first run that saw it while it stayed unchanged; 0 = none was seen */
    time_t seen;  /* the last look that saw it */
    time_t after; /* another pair still stood then, so nothing can have been promoted before; 0 = not known */
};

/* Do the slots still show it? */
bool pair_is(const struct pair *pair, const struct slots *slots);

/* Takes that the present pair has stood since `since` at the latest. An earlier instant known for the same pair stays.
 */
void pair_note(struct pair *pair, const struct slots *slots, time_t since, time_t now);

#endif
