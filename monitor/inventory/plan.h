/*
 * From what the directory says to the ports that are to be asked: those of counted servers and Edge servers, those that
 * enabled receive connectors are bound to, and the names that clients use. Pure.
 */
#ifndef MONITOR_INVENTORY_PLAN_H
#define MONITOR_INVENTORY_PLAN_H

#include "base/error.h"
#include "core/inventory/inventory.h"
#include "monitor/inventory/settings.h"

#include <stdbool.h>

/* Adds the places to ask and the names of the settings, and takes out what they ignore. */
bool plan_make(const struct inventory_settings *settings, struct inventory *inventory, struct error *err) MUST_CHECK;

#endif
