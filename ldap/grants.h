/*
 * The commands that give an account the rights it lacks, and none besides: dsacls for a Windows domain controller,
 * samba-tool and ldbmodify for Samba's. Text for a person to type; nothing is run. What is not known stands there in
 * capitals as something to fill in, and so does a name that a shell would not take as it is.
 */
#ifndef LDAP_GRANTS_H
#define LDAP_GRANTS_H

#include "ldap/rights.h"

enum lacking {
    LACKING_READ = 1,       /* the organization and all below it */
    LACKING_ATTRIBUTES = 2, /* reading those of the auth configuration and who may read them */
    LACKING_THUMBPRINTS = 4,
    LACKING_DATE = 8,       /* writing these two of them */
    LACKING_CONTAINER = 16, /* there is none for the records */
    LACKING_RECORD = 32,    /* making records in it */
    LACKING_WORDS = 64      /* adding servers to the records there */
};

/* `lacking`: of the above, together. `granted`: what an earlier text gives, which is left out and added to. `login`:
 * the name that the configuration logs in by, used where the directory does not tell the account; may be NULL. In new
 * memory; "" when nothing more is lacking, NULL when out of memory. */
char *grants_text(const struct rights *rights, unsigned lacking, unsigned *granted, const char *login);

#endif
