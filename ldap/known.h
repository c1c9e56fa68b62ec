/*
 * What one process has learnt of the servers, so that its next look neither asks DNS again nor waits for the dead a
 * second time. Begins as zero; free with directory_known_free.
 */
#ifndef LDAP_KNOWN_H
#define LDAP_KNOWN_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>

#define SERVERS_KNOWN_MOST 16

struct directory_known {
    struct strings uris;           /* in the order in which they are tried */
    bool dead[SERVERS_KNOWN_MOST]; /* did not answer */
    char *writer;                  /* the URI that the one writer was read at */
    char *lost_writer;             /* the URI at which it did not answer, */
    struct error lost;             /* and why */
};

/* The writer did not serve at this URI. */
void known_lose_writer(struct directory_known *known, const char *uri, const struct error *why);

void directory_known_free(struct directory_known *known);

#endif
