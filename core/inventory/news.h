/*
 * What one night has to tell of the other certificates: what began, grew worse, came nearer, or is over. Plain data
 * between the room that decides it and the rooms that word it; everything is borrowed but the list itself.
 */
#ifndef CORE_INVENTORY_NEWS_H
#define CORE_INVENTORY_NEWS_H

#include "core/inventory/inventory.h"
#include "core/report.h"

#include <stdbool.h>
#include <stddef.h>

enum inventory_event { EVENT_BEGAN, EVENT_WORSENED, EVENT_NEARER, EVENT_CHANGED, EVENT_OVER };

struct inventory_item {
    enum inventory_event event;
    const struct inventory_finding *finding; /* NULL when it is over */
    const char *about;                       /* whose conversation it is of */
    const char *text;                        /* the finding's, or the one that was told of what is over */
};

struct inventory_news {
    const struct inventory *inventory;
    struct inventory_item *items; /* the gravest first, what is over last */
    size_t count;
    size_t open;          /* findings that were told before and have not changed */
    struct thread thread; /* of the first item's conversation */
};

#endif
