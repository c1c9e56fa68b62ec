/*
 * The delivery command: an admin's own program that puts a key pair on the Exchange servers. It is run without a shell,
 * gets the PFX on standard input, its password on descriptor 3, the rest in five environment variables, and answers one
 * line per server. It is trusted to run, not to answer well.
 */
#ifndef RENEW_DELIVERY_H
#define RENEW_DELIVERY_H

#include "core/error.h"
#include "core/facts.h"
#include "core/secret.h"
#include "core/text.h"

#include <stdbool.h>
#include <stddef.h>

struct delivery_settings {
    const char *command; /* absolute path */
    int timeout;         /* seconds */
};

struct delivery_answer {
    char *fqdn; /* one of those that were asked for */
    bool present;
    char *text; /* what the command said of a failure; "" otherwise */
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
    bool completed;         /* exit status 0 in time */
    struct strings remarks; /* lines about unknown servers, output beyond the cap, ... for the history */
};

/* Runs it once. False when it could not be run at all (CONFIG: not owned by root, writable by others, not executable;
 * LOCAL). A command that fails, hangs (its whole process group is ended at the timeout) or lies is an outcome. */
bool delivery_run(const struct delivery_settings *settings, const struct delivery_order *order,
                  struct delivery_outcome *ret_outcome, struct error *err) __attribute__((warn_unused_result));

void delivery_outcome_free(struct delivery_outcome *outcome);

#endif
