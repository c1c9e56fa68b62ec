/*
 * What an admin does by hand in Exchange's own management shell for the decision's row, command by command, where
 * authcert does not do it: in mode monitor, or where a person has to. Pure wording.
 */
#ifndef NOTIFY_WORDS_SHELL_H
#define NOTIFY_WORDS_SHELL_H

#include "core/report.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

void shell_add(struct layout *out, const struct speaker *speaker, const struct report *report);

#endif
