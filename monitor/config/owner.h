/*
 * Reading as the account that owns the state folder. Started as root, the program becomes that account later on
 * (monitor/state/state.h); a secret file of that account is then as good as one of root's, and is opened with that
 * account's rights, so that nothing it can make leads root anywhere. For every other user nothing changes.
 */
#ifndef MONITOR_CONFIG_OWNER_H
#define MONITOR_CONFIG_OWNER_H

#include "base/error.h"

#include <stdbool.h>

/* As root, when `path` belongs to the owner of `state_directory`, or of its parent while it is not there yet, and that
 * is not root: the effective user is that account from here to owner_end. LOCAL error when that fails. */
bool owner_begin(const char *state_directory, const char *path, struct error *err) MUST_CHECK;

/* Back to root, if owner_begin has left it. Does not return if that fails: everything after would be done as another
 * user than was asked for. */
void owner_end(void);

#endif
