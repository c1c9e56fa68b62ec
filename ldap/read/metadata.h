/*
 * Active Directory's replication metadata as LDAP shows it: one small XML fragment per attribute in
 * msDS-ReplAttributeMetaData, of which two elements matter here. Takes any bytes.
 */
#ifndef LDAP_READ_METADATA_H
#define LDAP_READ_METADATA_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define METADATA_VALUE_MOST 4096 /* bytes of one fragment; a longer one is passed over */
#define METADATA_SERVER_SIZE 256

struct metadata {
    time_t changed;                    /* the last originating change, by the clock of that domain controller */
    char server[METADATA_SERVER_SIZE]; /* its name, printable; "" when the fragment names none */
};

/* Reads the fragment if it is about `attribute` (compared without case). False when it is not, or makes no sense. */
bool metadata_parse(const char *value, size_t length, const char *attribute, struct metadata *ret_metadata) MUST_CHECK;

#endif
