/*
 * Servers of one organization usually give the same document, but for the server's own name in it. The last good ones
 * are remembered here with that name taken out, so that another server's twin of one need not be parsed again. Owns
 * what it remembers; free with twins_free.
 */
#ifndef PROBE_TWIN_H
#define PROBE_TWIN_H

#include "base/text.h"
#include "probe/document.h"

#include <stddef.h>

#define TWINS_MOST 4
#define TWIN_SIZE_MOST ((size_t)16 * 1024) /* longer documents are parsed each time */

struct twin {
    char *text; /* with NUL in the place of the server's name, which no good document has */
    size_t length;
    char *realm;
    char *service_name;
    char (*thumbprints)[THUMBPRINT_SIZE];
    size_t count;
};

struct twins {
    struct twin twins[TWINS_MOST];
    size_t oldest; /* of them, to be replaced next */
};

/* The remembered twin of what a server sent; NULL when there is none. */
const struct twin *twins_find(const struct twins *twins, const struct text *body, const char *fqdn);

/* Remembers a good document. One that cannot be compared is not remembered: a name without a dot might stand within a
 * certificate's base64, and one within the realm or the service name makes these differ. Out of memory costs nothing
 * but time. */
void twins_remember(struct twins *twins, const struct text *body, const char *fqdn, const struct document *document);

void twins_free(struct twins *twins);

#endif
