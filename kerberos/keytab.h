/*
 * A look at a key table (MIT's file format, version 2) before Kerberos gets it, which trusts what it reads more than it
 * should. No key is looked at.
 */
#ifndef KERBEROS_KEYTAB_H
#define KERBEROS_KEYTAB_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Is it well-formed to its end, with at least one entry? CONFIG error otherwise, which says nothing of its content. */
bool keytab_check(const void *data, size_t length, struct error *err) MUST_CHECK;

#endif
