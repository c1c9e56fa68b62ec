/*
 * Servers of one organization usually give the same document, but for the server's own name in it. The last good ones
 * are remembered here with that name taken out, so that the same from another server need not be parsed again. Owns
 * what it remembers; free with document_cache_free.
 */
#ifndef PROBE_DOCUMENT_CACHE_H
#define PROBE_DOCUMENT_CACHE_H

#include "base/text.h"
#include "probe/document.h"

#include <stddef.h>

#define DOCUMENT_CACHE_MOST 4
#define DOCUMENT_CACHE_SIZE_MOST ((size_t)16 * 1024) /* longer documents are parsed each time */

struct cached_document {
    char *text; /* with NUL in the place of the server's name, which no good document has */
    size_t length;
    char *realm;
    char *service_name;
    char (*thumbprints)[THUMBPRINT_SIZE];
    size_t count;
};

struct document_cache {
    struct cached_document documents[DOCUMENT_CACHE_MOST];
    size_t oldest; /* of them, to be replaced next */
};

/* What is remembered of the same from another server; NULL when there is none. */
const struct cached_document *document_cache_find(const struct document_cache *cache, const struct text *body,
                                                  const char *fqdn);

/* Remembers a good document. One that cannot be compared is not remembered: a name without a dot might stand within a
 * certificate's base64, and one within the realm or the service name makes these differ. Out of memory costs nothing
 * but time. */
void document_cache_add(struct document_cache *cache, const struct text *body, const char *fqdn,
                        const struct document *document);

void document_cache_free(struct document_cache *cache);

#endif
