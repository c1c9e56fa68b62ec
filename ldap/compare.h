/*
 * What the other domain controllers have after a change: the same object, read at each of them. Never writes.
 */
#ifndef LDAP_COMPARE_H
#define LDAP_COMPARE_H

#include "base/error.h"
#include "core/facts.h"
#include "ldap/connect/settings.h"

#include <stdbool.h>
#include <time.h>

/* Reads the thumbprints and the date at every other domain controller that holds the configuration partition and takes
 * writes, each with a timeout of its own, and sets facts->controllers: which have what these facts say. Asks where the
 * facts were read for the list. False, with the list empty, when even that did not answer. */
bool directory_compare(const struct directory_settings *settings, time_t now, struct facts *facts,
                       struct error *err) MUST_CHECK;

#endif
