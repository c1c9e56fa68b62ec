/*
 * The certification authorities that the servers' TLS certificates are checked against.
 */
#ifndef PROBE_AUTHORITY_H
#define PROBE_AUTHORITY_H

#include "base/error.h"

#include <stdbool.h>

/* Can the file be used: is it readable, with at least one certificate in PEM? NULL = the system's, which is not looked
 * at. CONFIG error when not. */
bool authority_check(const char *ca_file, struct error *err) __attribute__((warn_unused_result));

#endif
