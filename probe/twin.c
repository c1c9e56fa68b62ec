#include "probe/twin.h"

#include <stdlib.h>
#include <string.h>

static bool comparable(const struct text *body, const char *fqdn) {
    return body->value && body->length <= TWIN_SIZE_MOST && strchr(fqdn, '.') != NULL;
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

static void twin_free(struct twin *twin) {
    free(twin->text);
    free(twin->realm);
    free(twin->service_name);
    free(twin->thumbprints);
    *twin = (struct twin){0};
}

const struct twin *twins_find(const struct twins *twins, const struct text *body, const char *fqdn) {
    const struct twin *found = NULL;
    size_t length = 0;
    char *text;

    /* A body with a NUL is no good document, and must not look like one from which a name was taken out. */
    if (!comparable(body, fqdn) || memchr(body->value, '\0', body->length) != NULL)
        return NULL;
    text = take_out(body, fqdn, &length);
    for (size_t i = 0; text && !found && i < TWINS_MOST; i++) {
        const struct twin *twin = &twins->twins[i];

        if (twin->text && twin->length == length && memcmp(twin->text, text, length) == 0)
            found = twin;
    }
    free(text);
    return found;
}

void twins_remember(struct twins *twins, const struct text *body, const char *fqdn, const struct document *document) {
    struct twin twin = {.count = document->count};

    if (!comparable(body, fqdn) || strstr(document->realm, fqdn) || strstr(document->service_name, fqdn))
        return;
    twin.text = take_out(body, fqdn, &twin.length);
    twin.realm = strdup(document->realm);
    twin.service_name = strdup(document->service_name);
    twin.thumbprints = calloc(document->count + 1, sizeof(*twin.thumbprints));
    if (!twin.text || !twin.realm || !twin.service_name || !twin.thumbprints) {
        twin_free(&twin);
        return;
    }
    memcpy(twin.thumbprints, document->thumbprints, document->count * sizeof(*twin.thumbprints));
    twin_free(&twins->twins[twins->oldest]);
    twins->twins[twins->oldest] = twin;
    twins->oldest = (twins->oldest + 1) % TWINS_MOST;
}

void twins_free(struct twins *twins) {
    for (size_t i = 0; i < TWINS_MOST; i++)
        twin_free(&twins->twins[i]);
}
