/*
 * The addresses that names have for this host, all of them, asked for at one time: behind one name may stand several
 * machines, each with a certificate of its own.
 */
#ifndef PROBE_PORTS_RESOLVE_H
#define PROBE_PORTS_RESOLVE_H

#include "base/error.h"
#include "core/inventory/inventory.h"

#include <stdbool.h>

#define RESOLVE_ADDRESSES_MOST 32 /* of one name */

/* Gives every place of kind PLACE_NAME or PLACE_MX without an address that of its host, and adds one for each further
 * address. A name without any stays as it is. Names of places become "NAME at ADDRESS" where there are several. */
bool resolve_places(struct inventory *inventory, struct error *err) MUST_CHECK;

#endif
