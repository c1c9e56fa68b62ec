/*
 * The trail of what was done with key pairs by commands that have no session: import and export.
 */
#ifndef MONITOR_COMMANDS_CHANGE_KEY_NOTE_H
#define MONITOR_COMMANDS_CHANGE_KEY_NOTE_H

#include "base/text.h"
#include "monitor/session/invocation.h"

/* Adds the sentences to the history in the state folder, whose lock is held, and to the journal. */
bool key_note(const struct invocation *invocation, int state, const struct strings *sentences,
              struct error *err) MUST_CHECK;

#endif
