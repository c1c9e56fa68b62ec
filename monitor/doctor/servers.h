/*
 * The part of `doctor` about the Exchange servers: asks them for their documents, and where one gives none looks again
 * as someone who trusts nobody, to say which names its TLS certificate carries, which CA is missing, what answers in
 * its place, and which tls_name would do for all. Servers with the same trouble share one sentence.
 */
#ifndef MONITOR_DOCTOR_SERVERS_H
#define MONITOR_DOCTOR_SERVERS_H

#include "core/facts.h"
#include "core/probed.h"
#include "base/progress.h"
#include "monitor/config/config.h"
#include "monitor/state/history.h"

#include <time.h>

enum finding { FINDING_OK, FINDING_WARNING, FINDING_FAILED };

/* Prints one finding: what was tested, and what was found or how to mend it. */
typedef void doctor_say(void *context, enum finding finding, const char *what, const char *text);

/* The answers of one asking. */
struct doctor_servers {
    struct probed probed;
    struct error trouble; /* why nobody could be asked; kind ERROR_NONE = they were, or are not to be */
};

/* Asks the counted servers of facts that were read, and adds to the facts what they say. Free in any case. */
void doctor_servers_ask(const struct config *config, const struct history *history, time_t now,
                        const struct progress_port *progress, struct facts *facts, struct doctor_servers *ret_servers);
void doctor_servers_free(struct doctor_servers *servers);

/* Says what came of it; nothing where no server is to be asked. */
void doctor_servers_report(const struct config *config, const struct facts *facts, const struct doctor_servers *servers,
                           time_t now, doctor_say *say, void *context);

#endif
