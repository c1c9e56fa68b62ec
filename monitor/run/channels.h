/*
 * Telling over every channel that is configured: a message counts as told when one of them sent it, or keeps it for
 * later. A channel that could do neither is remembered and told the present state as soon as it works again.
 */
#ifndef MONITOR_RUN_CHANNELS_H
#define MONITOR_RUN_CHANNELS_H

#include "base/error.h"
#include "core/occasion.h"
#include "monitor/look/looker.h"

#include <stdbool.h>
#include <stddef.h>

/* What telling came to. */
struct telling {
    size_t before; /* what report->told held before */
    bool kept;     /* some channel sent it, or keeps it for later */
    bool sent;     /* some channel sent it */
};

/* Sends what earlier runs could not, and notes that in the history. `ret_reached`: somebody has all that was tried
 * now, over whatever channel. False only when out of memory. */
bool channels_flush(struct looker *looker, bool *ret_reached, struct error *err) MUST_CHECK;

/* Tells the occasion over every channel; with OCCASION_NONE, what channels missed that could not be told last time.
 * Without a channel, or with nothing to tell, all is told. False only when out of memory. */
bool channels_tell(struct looker *looker, const struct occasion *occasion, struct telling *ret_telling,
                   struct error *err) MUST_CHECK;

#endif
