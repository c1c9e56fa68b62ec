/*
 * What is fed to PowerShell on a server: the command line that takes the script from standard input, and that input,
 * the script and the orders for it. The input may hold secrets; a text is wiped when freed. Pure.
 */
#ifndef WINDOWS_ORDERS_H
#define WINDOWS_ORDERS_H

#include "base/secret.h"
#include "base/text.h"
#include "windows/answers.h"

#include <stddef.h>

/* The command line, the same for every server and without a secret. */
void orders_add_line(struct text *text);

/* The beginning of the input. */
void orders_add_script(struct text *text);

/* One order. `password`, `pfx` and `named` may be NULL. */
void orders_add(struct text *text, const struct script_order *order, const char *server, const struct secret *password,
                const struct secret *pfx, const char *named);

#endif
