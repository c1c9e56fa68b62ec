/*
 * Reading as the account that owns the state folder. Started as root, the program becomes that account later on
 * (monitor/state/state.h); a secret file of that account is then as good as one of root's, and is opened with that
 * account's rights, so that nothing it can make leads root anywhere. For every other user nothing changes.
 */
#ifndef MONITOR_CONFIG_OWNER_H
#define MONITOR_CONFIG_OWNER_H

#include "base/error.h"

#include <stdbool.h>

/* As root, when the first owner other than root on the way to `path` is the one on the way to `state_directory`, whom
 * the program will become: the effective user is that account from here to owner_end. LOCAL error when that fails. */
bool owner_begin(const char *state_directory, const char *path, struct error *err) MUST_CHECK;

/* Whether a file that directs secrets keeps to the rule of trust_open (base/walk.h), for root or that account. Only
 * such a CONFIG error counts: a file that is missing or cannot be read is nothing to trust yet. */
bool owner_trusts(const char *state_directory, const char *path, struct error *err) MUST_CHECK;

/* Back to root, if owner_begin has left it. Does not return if that fails: everything after would be done as another
 * user than was asked for. */
void owner_end(void);

#endif
