/*
 * What is known of the servers, in words: how many have the current certificate, and by name those that lack it, could
 * not be reached or gave no clear answer, each with what that means and what to do. Judges nothing.
 */
#ifndef MONITOR_DECIDE_SERVERS_H
#define MONITOR_DECIDE_SERVERS_H

#include "core/facts.h"
#include "core/report.h"
#include "base/text.h"
#include "monitor/state/history.h"

#include <time.h>

/* Adds the sentences, none where servers were not asked and nothing is missing. `facts` were read; `history` may be
 * NULL. */
void explain_servers(const struct facts *facts, const struct history *history, time_t now, struct remarks *reasons);

/* Adds that nothing is learned from them, what that may mean and how to look; nothing while something is. */
void explain_silence(const struct facts *facts, const struct decision *decision, const struct history *history,
                     struct remarks *reasons);

#endif
