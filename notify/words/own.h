/*
 * The parts of a text that are meant for a command line or name servers: the program's own commands with this
 * configuration, and lists of servers. Only thumbprints, validated host names and a harmless path come through here.
 */
#ifndef NOTIFY_WORDS_OWN_H
#define NOTIFY_WORDS_OWN_H

#include "core/facts.h"
#include "base/text.h"
#include "notify/words/layout.h"
#include "notify/mail/mail.h"

#include <stddef.h>

/* "authcert -c CONFIG ..." as a command to copy. The path is the configuration's, or the word CONFIG where a shell
 * would take it apart. */
void own_command(struct layout *out, const struct mail_sender *sender, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The path alone, or CONFIG. */
const char *own_config(const struct mail_sender *sender);

enum own_pick { OWN_ALL, OWN_WITHOUT_CANDIDATE, OWN_PRESENT, OWN_MISSING, OWN_UNREACHABLE, OWN_UNKNOWN };

/* Adds "ex1.contoso.test, ex2.contoso.test and 40 more" of the counted servers with a valid name that are picked, and
 * returns how many they are; nothing when there is none. Presence is that in `slot`. What is added is short enough for
 * one paragraph. */
size_t own_servers(struct text *out, const struct facts *facts, enum own_pick pick, enum slot slot);

/* The first of them, or NULL. */
const char *own_first_server(const struct facts *facts, enum own_pick pick, enum slot slot);

#endif
