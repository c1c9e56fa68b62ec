/*
 * The delivery command: an admin's own program that puts a key pair on the Exchange servers. It is run without a shell,
 * gets the PFX on standard input, its password on descriptor 3, the rest in five environment variables, and answers one
 * line per server. It is trusted to run, not to answer well: what it says is capped, made printable, and rid of the
 * password and of what looks like key material.
 */
#ifndef RENEW_DELIVER_COMMAND_H
#define RENEW_DELIVER_COMMAND_H

#include "base/error.h"
#include "renew/deliver/delivery.h"

#include <stdbool.h>

#define DELIVERY_ANSWERS_MOST 65536     /* bytes of standard output; what is beyond is read and dropped */
#define DELIVERY_DIAGNOSTICS_MOST 16384 /* likewise of standard error */

/* Bytes of names that one run gets: what it answers has to fit in the above, and Linux takes no string of an
 * environment above 128 KiB (MAX_ARG_STRLEN). */
#define DELIVERY_BATCH_MOST 32768

struct delivery_settings {
    const char *command; /* absolute path, without symbolic links */
    int timeout;         /* seconds */
};

/* Runs it once, or as often as the servers' names take. After a run that was ended at the timeout no other follows.
 * False when it could not be run at all (CONFIG: program_check refuses it, or it cannot be executed; LOCAL). A command
 * that fails, hangs or lies is an outcome; "present" counts as said, however the command ended. Its whole process group
 * is ended at the timeout, and what is left of it when the command has ended by itself. */
bool delivery_command_run(const struct delivery_settings *settings, const struct delivery_order *order,
                          struct delivery_outcome *ret_outcome, struct error *err) MUST_CHECK;

#endif
