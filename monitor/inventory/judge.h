/*
 * The one judgement: from the places, the connectors and the day to what is to be said about them. Pure and total: it
 * reads no clock, asks nobody, and what could not be seen is never taken for what is not there.
 */
#ifndef MONITOR_INVENTORY_JUDGE_H
#define MONITOR_INVENTORY_JUDGE_H

#include "base/error.h"
#include "core/inventory/inventory.h"
#include "monitor/inventory/settings.h"
#include "monitor/state/memory.h"

#include <stdbool.h>
#include <time.h>

/* Nights after which silence is told. */
#define JUDGE_SILENT_NIGHTS 7

/* Replaces inventory->findings, the gravest first. What places show has been judged by monitor/inventory/roots.h. */
bool inventory_judge(const struct inventory_settings *settings, const struct memory *memory, time_t now,
                     struct inventory *inventory, struct error *err) MUST_CHECK;

#endif
