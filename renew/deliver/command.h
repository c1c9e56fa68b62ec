/*
 * The delivery command: an admin's own program that puts a key pair on the Exchange servers. It is run without a shell,
 * gets the PFX on standard input, its password on descriptor 3, the rest in five environment variables, and answers one
 * line per server. It is trusted to run, not to answer well: what it says is capped, made printable, and rid of the
 * password and of what looks like key material. Free an outcome with delivery_outcome_free.
 */
#ifndef RENEW_DELIVER_COMMAND_H
#define RENEW_DELIVER_COMMAND_H

#include "base/error.h"
#include "core/facts.h"
#include "base/secret.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

#define DELIVERY_ANSWERS_MOST 65536     /* bytes of standard output; what is beyond is read and dropped */
#define DELIVERY_DIAGNOSTICS_MOST 16384 /* likewise of standard error */
#define DELIVERY_TEXT_MOST 240          /* bytes of what is kept of one line */

struct delivery_settings {
    const char *command; /* absolute path, without symbolic links */
    int timeout;         /* seconds */
};

struct delivery_answer {
    char *fqdn; /* one of those that were asked for */
    bool present;
    bool failed; /* a line of its own said so; neither is set where the command was silent or contradicted itself */
    char *text;  /* what the command said of a failure, printable; "" otherwise */
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
    struct strings remarks; /* printable sentences for the history: how it ended, lines about unknown servers, output
                               beyond the cap, the end of standard error, ... */
};

/* Runs it once. False when it could not be run at all (CONFIG: program_check refuses it, or it cannot be executed;
 * LOCAL). A command that fails, hangs or lies is an outcome; "present" counts as said, however the command ended. Its
 * whole process group is ended at the timeout, and what is left of it when the command has ended by itself. */
bool delivery_run(const struct delivery_settings *settings, const struct delivery_order *order,
                  struct delivery_outcome *ret_outcome, struct error *err) __attribute__((warn_unused_result));

void delivery_outcome_free(struct delivery_outcome *outcome);

#endif
