/*
 * What is written to the directory; only this folder does so. Each write of the auth configuration is a single modify
 * that deletes the exact bytes that were read and adds the new ones: a compare-and-swap within one domain controller.
 * Records only ever gain values. Never sends the permissive-modify control.
 */
#ifndef LDAP_WRITE_AUTH_CONFIG_H
#define LDAP_WRITE_AUTH_CONFIG_H

#include "core/change.h"
#include "base/error.h"
#include "core/facts.h"
#include "core/ports.h"
#include "ldap/connect/settings.h"

#include <time.h>

/* Writes at the server that the facts were read from (facts->directory.uri). `now` only helps to say why a server's
 * certificate is not good. An empty change is done without asking anyone.
 *
 * Results 16, 19 and 20 mean that someone else changed the object: WRITE_LOST, look again; `err` then says what the
 * server said. As 16 also means that there is no such attribute, allowedAttributes is read first where the directory
 * has it. WRITE_FAILED has the server's own words in `err`: CREDENTIALS when the account lacks the rights, otherwise as
 * of a look. After a connection that broke in mid-write the outcome is not known and the error says so: the next look
 * tells. Every other failure left the object as it was. */
enum write_result directory_write(const struct directory_settings *settings, time_t now, const struct facts *facts,
                                  const struct change *change, struct error *err);

/* Makes the record of a certificate below facts->directory.records_dn at the server that the facts were read from, or
 * adds holders to it. One that another agent made meanwhile is added to. A missing container is made where the account
 * may do that. RECORD_REFUSED when there is none or no right to write in it; `err` then says how to mend that.
 *
 * With change->sealed a new record is made for a few principals alone (ldap/write/descriptor.h), one that is there is
 * closed to all others if the server lets the account do so, and the sealed pair is added when its access list, read
 * back, lets nobody else at it. RECORD_UNSEALED: all is written but the sealed pair, and `err` says why. */
enum record_result directory_record(const struct directory_settings *settings, time_t now, const struct facts *facts,
                                    const struct record_change *change, struct error *err);

#endif
