/*
 * What the servers' own documents become in the facts: the bytes of certificates, who serves which, and what is odd
 * about an answer. A document of which anything does not fit this organization is put aside as a whole, with a sentence
 * that says why: it makes nobody present and nobody missing. Owns nothing; the answers are the caller's.
 */
#ifndef MONITOR_LOOK_PROBED_H
#define MONITOR_LOOK_PROBED_H

#include "core/facts.h"
#include "core/ports.h"
#include "core/probed.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <time.h>

/* A clock that is off by more than this is wrong, a server's or ours. */
#define PROBED_CLOCK_MOST ((int64_t)86400)

/* Asks the counted servers of facts that were read. Where the port asks nobody, or there is nobody to ask: true, and
 * nothing in ret_probed. False when nobody could be asked at all. */
bool probed_ask(const struct servers_port *servers, const struct progress_port *progress, const struct facts *facts,
                struct probed *ret_probed, struct error *err) MUST_CHECK;

/* Takes the certificates of slots out of the documents, where no better source has them. */
void probed_fill(const struct probed *probed, struct facts *facts);

/* Puts into the facts who was reached, who serves what and what is odd. Before that the candidate is known, after it
 * the answers to deliveries are put in. Out of memory costs sentences alone. */
void probed_judge(const struct probed *probed, const struct history *history, time_t now, struct facts *facts);

#endif
