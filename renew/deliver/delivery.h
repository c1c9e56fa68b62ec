/*
 * A delivery, whichever road it takes to the servers: what is ordered, and what came of it for each server. An order
 * borrows all it names; an outcome owns its strings, to free with delivery_outcome_free.
 */
#ifndef RENEW_DELIVER_DELIVERY_H
#define RENEW_DELIVER_DELIVERY_H

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "core/facts.h"

#include <stdbool.h>
#include <stddef.h>

#define DELIVERY_TEXT_MOST 240 /* bytes of what is kept of one line of a server or program */

struct delivery_answer {
    char *fqdn; /* one of those that were asked for */
    bool present;
    bool failed; /* a line of its own said so; neither is set where nothing was said, or both */
    char *text;  /* what was said of a failure, printable; "" otherwise */
};

struct delivery_order {
    const char *thumbprint;
    enum slot slot;                /* SLOT_CURRENT or SLOT_NEXT */
    const struct strings *servers; /* FQDNs that lack it */
    const struct secret *pfx;
    const struct secret *password;
};

struct delivery_outcome {
    struct delivery_answer *answers; /* one per server asked for; without a line of its own a server is not present */
    size_t count;
    bool completed;         /* all that was asked for was done, in time */
    bool interrupted;       /* we were told to end in the middle of it: nothing more is to be done now */
    struct strings remarks; /* printable sentences for the history: how it ended, lines about unknown servers, output
                               beyond the cap, the end of standard error, ... */
};

/* One silent answer per server. BUG error for a name that is no host name: it would go into commands. */
bool delivery_outcome_make(const struct strings *servers, struct delivery_outcome *ret_outcome,
                           struct error *err) MUST_CHECK;

void delivery_outcome_free(struct delivery_outcome *outcome);

#endif
