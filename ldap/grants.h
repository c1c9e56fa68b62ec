/*
 * The commands that give an account the rights it lacks, and none besides: dsacls for a Windows domain controller,
 * samba-tool and ldbmodify for Samba's. Text for a person to type; nothing is run. What is not known stands there in
 * capitals as something to fill in, and so does a name that a shell would not take as it is.
 */
#ifndef LDAP_GRANTS_H
#define LDAP_GRANTS_H

#include "ldap/rights.h"

#include <stdbool.h>

struct lacking {
    bool read;              /* the organization and all below it */
    bool attributes;        /* reading those of the auth configuration and who may read them */
    bool thumbprints, date; /* writing these two of them */
    bool container;         /* there is none for the records */
    bool record;            /* making records in it */
    bool words;             /* adding servers to the records there */
};

/* `login`: the name that the configuration logs in by, used where the directory does not tell the account; may be NULL.
 * In new memory; "" when nothing is lacking, NULL when out of memory. */
char *grants_text(const struct rights *rights, const struct lacking *lacking, const char *login);

#endif
