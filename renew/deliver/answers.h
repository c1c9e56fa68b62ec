/*
 * Reads what the delivery command wrote on standard output: one line per server, `FQDN present` or `FQDN failed TEXT`.
 * The text is hostile: only a line that says exactly that about a server that was asked for counts, the rest becomes a
 * few remarks.
 */
#ifndef RENEW_DELIVER_ANSWERS_H
#define RENEW_DELIVER_ANSWERS_H

#include "renew/deliver/delivery.h"

#include <stdbool.h>
#include <stddef.h>

/* Fills in the answers of `outcome`, which has one per server asked for, all silent, and adds remarks. Names compare
 * without regard to case. `whole`: the command ended by itself and nothing is missing, so that a last line without a
 * line end counts. `text` was redacted before. Running out of memory shows in the remarks' `failed`. */
void answers_read(const char *text, size_t length, bool whole, struct delivery_outcome *outcome);

#endif
