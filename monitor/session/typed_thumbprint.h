/*
 * Thumbprints as people type and paste them: out of Windows' certificate dialogue, which copies a mark that cannot be
 * seen before the first digit, out of openssl, certutil or PowerShell. Values of the directory are read elsewhere, and
 * strictly, as Exchange reads them.
 */
#ifndef MONITOR_SESSION_TYPED_THUMBPRINT_H
#define MONITOR_SESSION_TYPED_THUMBPRINT_H

#include "base/error.h"
#include "core/slots.h"

#include <stdbool.h>

/* Takes 40 hexadecimal digits of either case. Blanks of every kind, characters that cannot be seen, colons, hyphens
 * and quotation marks between them are left out, and a label before them ("SHA1 Fingerprint=", "Thumbprint : ", or the
 * slot's number, as in "1:"). Else a CONFIG error that says what it was given for, and names by U+XXXX what could not
 * be taken and what was left out unseen. */
bool typed_thumbprint(const char *typed, char ret_thumbprint[THUMBPRINT_SIZE], struct error *err) MUST_CHECK;

#endif
