/*
 * May this file be run with secrets in its hands? A program that the configuration names counts only when nobody but
 * root can change it, or put another one in its place. Nothing is run here.
 */
#ifndef RENEW_DELIVER_PROGRAM_H
#define RENEW_DELIVER_PROGRAM_H

#include "base/error.h"

#include <stdbool.h>

/* `path` is absolute and has no symbolic link, "." or ".." in it; the file is regular, belongs to root, is not writable
 * by group or others, and the effective user may execute it. Every folder on the way belongs to root and is not
 * writable by group or others, unless it is sticky (like /tmp). So what was checked here is still what an execve of the
 * path finds: nobody but root could change that. The path is what is run, and not the descriptor that was checked: a
 * script that is run by a descriptor keeps it open, and is called /dev/fd/N instead of by its name. CONFIG errors say
 * what to mend. */
bool program_check(const char *path, struct error *err) MUST_CHECK;

#endif
