/*
 * The other certificates for a command that only tells: by a look at the directory and the ports of its own, or as the
 * last run saw them. Writes nothing and tells nobody.
 */
#ifndef MONITOR_SESSION_INVENTORY_H
#define MONITOR_SESSION_INVENTORY_H

#include "base/error.h"
#include "core/inventory/inventory.h"
#include "monitor/session/invocation.h"
#include "monitor/state/memory.h"

#include <stdbool.h>

/* Looks and judges, by what earlier nights know (`memory`, filled; free it in any case). False, with the reason, when
 * nothing could be seen. */
bool inventory_glance(const struct invocation *invocation, const struct config *config, int state,
                      struct memory *memory, struct inventory *ret_inventory, struct error *err) MUST_CHECK;

/* Looks without judging, and adds a chain that no place shows: `ret_shown` is its index. */
bool inventory_glance_with(const struct invocation *invocation, const struct config *config, const struct bytes *chain,
                           size_t count, struct inventory *ret_inventory, size_t *ret_shown,
                           struct error *err) MUST_CHECK;

/* Reads the directory alone: names, connectors and servers, and nothing that a port shows. */
bool inventory_glance_names(const struct invocation *invocation, const struct config *config,
                            struct inventory *ret_inventory, struct error *err) MUST_CHECK;

/* As the last run saw them; none, or one older than 36 hours, is an error. */
bool inventory_glance_last(const struct invocation *invocation, int state, struct inventory *ret_inventory,
                           struct error *err) MUST_CHECK;

#endif
