/*
 * The other certificates in the four formats, as the command `inventory` answers them. Each function writes the whole
 * answer; nothing here judges. True when everything was written.
 */
#ifndef MONITOR_SHOW_INVENTORY_H
#define MONITOR_SHOW_INVENTORY_H

#include "base/error.h"
#include "core/inventory/inventory.h"
#include "monitor/show/show.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

bool show_inventory_text(const struct inventory *inventory, bool colour, FILE *out) MUST_CHECK;
bool show_inventory_json(const struct inventory *inventory, time_t now, FILE *out) MUST_CHECK;

/* `warn_days`: what the first threshold is, for graphs. */
bool show_inventory_nagios(const struct inventory *inventory, int warn_days, time_t now, FILE *out) MUST_CHECK;
bool show_inventory_prometheus(const struct inventory *inventory, FILE *out) MUST_CHECK;

#endif
