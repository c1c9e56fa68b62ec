/*
 * One look at the organization in the directory: connect to the first server that answers, go on from there to the one
 * writer, fetch all Exchange objects that matter in one paged search, and turn them into facts. Never writes. The facts
 * are the caller's to free with facts_free.
 */
#ifndef LDAP_LOOK_H
#define LDAP_LOOK_H

#include "core/facts.h"
#include "ldap/connect/settings.h"
#include "ldap/known.h"

#include <stdbool.h>
#include <time.h>

/* Looks at the one writer (ldap/writer.h); where that does not answer, at another server, with directory.writer_down
 * set and a remark that says why. Fills facts (never fails: see facts.read). `now` is this host's clock, for the skew.
 * `known` may be NULL. */
void directory_look(const struct directory_settings *settings, struct directory_known *known, time_t now,
                    struct facts *ret_facts);

/* For doctor: tries one URI to the end of the bind and the rootDSE. Says in `ret_summary` (printable, owned by the
 * caller) what answered: server name, TLS protocol, clock; in `err` (which does not repeat the URI) what failed and how
 * to mend it. */
bool directory_probe(const struct directory_settings *settings, const char *uri, time_t now, char **ret_summary,
                     struct error *err) MUST_CHECK;

#endif
