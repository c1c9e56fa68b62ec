/*
 * The other certificates as the JSON `inventory`, and read back from what the last run left. Every key is always there;
 * what is absent is null.
 */
#ifndef MONITOR_SHOW_INVENTORY_JSON_H
#define MONITOR_SHOW_INVENTORY_JSON_H

#include "base/error.h"
#include "core/inventory/inventory.h"

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

/* NULL when out of memory; null for NULL. */
json_t *inventory_json(const struct inventory *inventory);

/* Of the last run's report, the file `name` in the state folder; *ret_seen is when it looked. A missing file is
 * ERROR_NONE and false, as is one without an inventory; a damaged one is DATA. What is read back has no DER and no
 * connectors. */
bool inventory_load_last(int state, const char *name, struct inventory *ret_inventory, time_t *ret_seen,
                         struct error *err) MUST_CHECK;

#endif
