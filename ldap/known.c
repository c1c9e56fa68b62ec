#include "ldap/known.h"

#include <stdlib.h>
#include <string.h>

void known_lose_writer(struct directory_known *known, const char *uri, const struct error *why) {
    free(known->lost_writer);
    known->lost_writer = strdup(uri);
    known->lost = *why;
}

void directory_known_free(struct directory_known *known) {
    strings_free(&known->uris);
    free(known->writer);
    free(known->lost_writer);
    *known = (struct directory_known){0};
}
