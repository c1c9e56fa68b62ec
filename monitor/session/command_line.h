/*
 * The command line, from its words to the command that they name: options, help, version and usage errors. What a
 * command does is none of its business.
 */
#ifndef MONITOR_SESSION_COMMAND_LINE_H
#define MONITOR_SESSION_COMMAND_LINE_H

#include "monitor/session/command.h"

/* Reads the command line into `invocation` (`now` and `colour` are set already) and runs the command that it names, one
 * of `commands`, whose last is NULL. Returns the exit status of the program. */
int command_line_run(const struct command *const *commands, int argc, char **argv, struct invocation *invocation);

#endif
