/*
 * Our records in the directory, between the look and the acts: which servers they say hold a certificate, and what this
 * agent adds to them. They are a help and nothing hangs on them: what does not work here is a remark.
 */
#ifndef MONITOR_LOOK_RECORDED_H
#define MONITOR_LOOK_RECORDED_H

#include "core/facts.h"
#include "core/ports.h"
#include "monitor/state/history.h"

/* Where nothing is known of a server and it was not asked in this look, a record that names it as holder makes a slot's
 * certificate present there. Only a record with the mark and the certificate itself counts, and none at all for the
 * candidate: its pair was made here, and who has it is in the history. One that claims more for it is somebody else's,
 * and becomes a remark. */
void recorded_apply(const struct history *history, struct facts *facts);

/* Makes the record of `certificate`, or adds the servers that the history knows to hold it. Nothing is sent when there
 * is nothing to add, and where records are not looked at. Refusals and failures become remarks of the facts.
 * The key pair goes along, sealed, where the port seals and the record has none. */
void recorded_keep(const struct record_port *records, const struct history *history, struct facts *facts,
                   const struct certificate *certificate);

/* The same for current and next, as far as their keys are kept here: each record has one agent that sees to it. */
void recorded_keep_slots(const struct record_port *records, const struct history *history, struct facts *facts);

#endif
