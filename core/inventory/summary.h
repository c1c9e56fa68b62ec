/*
 * The other certificates in one sentence: "2 findings; the nearest end is in 21 days: mail.contoso.com". Pure text.
 */
#ifndef CORE_INVENTORY_SUMMARY_H
#define CORE_INVENTORY_SUMMARY_H

#include "base/text.h"
#include "core/inventory/inventory.h"

#include <time.h>

void summary_add(struct text *out, const struct inventory *inventory, time_t now);

/* How many findings are this grave. */
size_t summary_count(const struct inventory *inventory, enum finding_severity severity);

/* How many places show a certificate. */
size_t summary_places(const struct inventory *inventory);

#endif
