#include "probe/document_cache.h"

#include <stdlib.h>
#include <string.h>

static bool comparable(const struct text *body, const char *fqdn) {
    return body->value && body->length <= DOCUMENT_CACHE_SIZE_MOST && strchr(fqdn, '.') != NULL;
}

/* The text without the name; length in *ret_length. The caller frees it. */
static char *take_out(const struct text *body, const char *fqdn, size_t *ret_length) {
    size_t length = strlen(fqdn);
    const char *at = body->value;
    const char *end = at + body->length;
    const char *place;
    char *out = malloc(body->length + 1);
    size_t written = 0;

    if (!out)
        return NULL;
    for (; (place = memmem(at, (size_t)(end - at), fqdn, length)) != NULL; at = place + length) {
        memcpy(out + written, at, (size_t)(place - at));
        written += (size_t)(place - at);
        out[written++] = '\0';
    }
    memcpy(out + written, at, (size_t)(end - at));
    *ret_length = written + (size_t)(end - at);
    return out;
}

static void cached_free(struct cached_document *cached) {
    free(cached->text);
    free(cached->realm);
    free(cached->service_name);
    free(cached->thumbprints);
    *cached = (struct cached_document){0};
}

const struct cached_document *document_cache_find(const struct document_cache *cache, const struct text *body,
                                                  const char *fqdn) {
    const struct cached_document *found = NULL;
    size_t length = 0;
    char *text;

    /* A body with a NUL is no good document, and must not look like one from which a name was taken out. */
    if (!comparable(body, fqdn) || memchr(body->value, '\0', body->length) != NULL)
        return NULL;
    text = take_out(body, fqdn, &length);
    for (size_t i = 0; text && !found && i < DOCUMENT_CACHE_MOST; i++) {
        const struct cached_document *cached = &cache->documents[i];

        if (cached->text && cached->length == length && memcmp(cached->text, text, length) == 0)
            found = cached;
    }
    free(text);
    return found;
}

void document_cache_add(struct document_cache *cache, const struct text *body, const char *fqdn,
                        const struct document *document) {
    struct cached_document cached = {.count = document->count};

    if (!comparable(body, fqdn) || strstr(document->realm, fqdn) || strstr(document->service_name, fqdn))
        return;
    cached.text = take_out(body, fqdn, &cached.length);
    cached.realm = strdup(document->realm);
    cached.service_name = strdup(document->service_name);
    cached.thumbprints = calloc(document->count + 1, sizeof(*cached.thumbprints));
    if (!cached.text || !cached.realm || !cached.service_name || !cached.thumbprints) {
        cached_free(&cached);
        return;
    }
    memcpy(cached.thumbprints, document->thumbprints, document->count * sizeof(*cached.thumbprints));
    cached_free(&cache->documents[cache->oldest]);
    cache->documents[cache->oldest] = cached;
    cache->oldest = (cache->oldest + 1) % DOCUMENT_CACHE_MOST;
}

void document_cache_free(struct document_cache *cache) {
    for (size_t i = 0; i < DOCUMENT_CACHE_MOST; i++)
        cached_free(&cache->documents[i]);
}
