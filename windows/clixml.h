/*
 * The errors that PowerShell wrote: on a pipe it wraps them in its own XML ("#< CLIXML"), progress and all. Pure; the
 * text is hostile.
 */
#ifndef WINDOWS_CLIXML_H
#define WINDOWS_CLIXML_H

#include <stddef.h>

/* Writes what errors say into `out`, printable, on one line, cut at `size`; "" when there is nothing. */
void clixml_errors(const char *text, size_t length, char *out, size_t size);

#endif
