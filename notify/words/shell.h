/*
 * What an admin does by hand in Exchange's own management shell for the decision's row, command by command, where
 * authcert does not do it: in mode monitor, or where a person has to. Pure wording.
 */
#ifndef NOTIFY_WORDS_SHELL_H
#define NOTIFY_WORDS_SHELL_H

#include "core/report.h"
#include "notify/words/layout.h"
#include "notify/mail/mail.h"

void shell_add(struct layout *out, const struct mail_sender *sender, const struct report *report);

/* The commands that let every process of Exchange notice a new current certificate at once, and where to give them. */
void shell_add_restart(struct layout *out);

#endif
