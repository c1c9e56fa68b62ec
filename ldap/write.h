/*
 * The one file that writes to the directory. Each write is a single modify that deletes the exact bytes that were read
 * and adds the new ones: a compare-and-swap within one domain controller. Never sends the permissive-modify control.
 */
#ifndef LDAP_WRITE_H
#define LDAP_WRITE_H

#include "core/change.h"
#include "core/error.h"
#include "core/facts.h"
#include "core/ports.h"
#include "ldap/look.h"

/* Writes at the server that the facts were read from (facts->directory.uri). Results 16, 19 and 20 mean that someone
 * else changed the object: WRITE_LOST, look again. WRITE_FAILED has the server's own words in `err`; after a connection
 * that broke in mid-write the outcome is not known and the error says so: the next look tells. */
enum write_result directory_write(const struct directory_settings *settings, const struct facts *facts,
                                  const struct change *change, struct error *err);

#endif
