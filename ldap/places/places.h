/*
 * The objects of one organization that use a certificate, or name one: servers, connectors, virtual directories and
 * whatever else clients find their names in, POP and IMAP, the federation trust, partners; and the CAs that members of
 * the domain trust. One more paged search below the organization, with the same right; nothing secret is asked for.
 */
#ifndef LDAP_PLACES_PLACES_H
#define LDAP_PLACES_PLACES_H

#include "base/error.h"
#include "core/facts.h"
#include "core/inventory/inventory.h"
#include "ldap/connect/settings.h"

#include <stdbool.h>
#include <time.h>

/* Reads them where `facts` was read. What is odd is a remark. On failure what was filled stays for inventory_free. */
bool places_read(const struct directory_settings *settings, const struct facts *facts, time_t now,
                 struct inventory *inventory, struct error *err) MUST_CHECK;

#endif
