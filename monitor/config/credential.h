/*
 * Systemd credentials: secrets by name, as a service gets them in $CREDENTIALS_DIRECTORY. Typed by hand as root, where
 * that is unset, the same names are found where the service's manager keeps them, encrypted ones included, so that the
 * commands of the night's emergency work with what the unit uses. Nothing is written, no shell is involved.
 */
#ifndef MONITOR_CONFIG_CREDENTIAL_H
#define MONITOR_CONFIG_CREDENTIAL_H

#include "base/error.h"
#include "base/secret.h"

#include <stdbool.h>

/* Where to look. Any of them may be NULL. */
struct credential_places {
    const char *directory;    /* the service's own; when set, nothing else is asked */
    const char *plain[2];     /* folders of files that hold the secret as it is */
    const char *encrypted[2]; /* folders of files for systemd-creds */
    const char *decrypt;      /* path of systemd-creds */
    int timeout;              /* seconds that it may take */
};

/* A file name of printable ASCII without slash or colon, at most 255 characters, not "." or "..". */
bool credential_name_valid(const char *name);

/* Reads credential `name` for this process. CREDENTIALS or CONFIG error that names the places asked. The caller frees
 * with secret_free. */
bool credential_read(const char *name, struct secret *ret_secret, struct error *err) MUST_CHECK;

/* The same from given places. */
bool credential_read_from(const struct credential_places *places, const char *name, struct secret *ret_secret,
                          struct error *err) MUST_CHECK;

#endif
