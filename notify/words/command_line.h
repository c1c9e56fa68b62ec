/*
 * The program's own commands as a message names them, with this configuration. Nothing from outside comes through here
 * but a harmless path.
 */
#ifndef NOTIFY_WORDS_COMMAND_LINE_H
#define NOTIFY_WORDS_COMMAND_LINE_H

#include "base/text.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

/* "authcert -c CONFIG ..." as a command to copy. The path is the configuration's, or the word CONFIG where a shell
 * would take it apart. */
void command_line_add(struct layout *out, const struct speaker *speaker, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "authcert", with its -c unless the path is NULL or the default one. */
void command_line_begin(struct text *out, const char *path);

/* The path alone, or CONFIG. */
const char *command_line_config(const char *path);

#endif
