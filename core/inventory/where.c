#include "core/inventory/where.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *where_short(const char *fqdn, char out[WHERE_SHORT_SIZE]) {
    size_t length = strcspn(fqdn, ".");

    return text_printable(out, WHERE_SHORT_SIZE, fqdn, length < WHERE_SHORT_SIZE ? length : WHERE_SHORT_SIZE - 1);
}

static bool is_port(const struct place *place) {
    return place->server != NULL && place->host != NULL;
}

/* The ports of one server among the places, each after a space. */
static void ports_of(struct text *out, const struct place *const *places, size_t count, const char *server) {
    for (size_t i = 0; i < count; i++)
        if (is_port(places[i]) && strcasecmp(places[i]->server, server) == 0)
            text_format(out, " %d", places[i]->port);
}

static bool is_same(const struct text *one, const struct text *other) {
    return one->length == other->length && (one->length == 0 || memcmp(one->value, other->value, one->length) == 0);
}

/* The servers whose ports are these, with them. `done`: those that were said already. */
static void add_group(struct text *out, const struct place *const *places, size_t count, size_t first, bool *done,
                      size_t most) {
    struct text ports = {0};
    size_t servers = 0;

    ports_of(&ports, places, count, places[first]->server);
    for (size_t i = first; i < count; i++) {
        struct text own = {0};
        char name[WHERE_SHORT_SIZE];
        bool same;

        if (done[i] || !is_port(places[i]))
            continue;
        ports_of(&own, places, count, places[i]->server);
        same = is_same(&ports, &own);
        text_free(&own);
        if (!same)
            continue;
        if (servers < most)
            text_format(out, "%s%s", servers > 0 ? " " : "", where_short(places[i]->server, name));
        servers++;
        for (size_t j = i; j < count; j++)
            done[j] = done[j] || (is_port(places[j]) && strcasecmp(places[j]->server, places[i]->server) == 0);
    }
    text_add_more(out, servers, most);
    text_format(out, ":%s", ports.value != NULL ? ports.value : "");
    text_free(&ports);
}

void where_add(struct text *out, const struct place *const *places, size_t count, size_t most) {
    bool *done = calloc(count + 1, sizeof(*done));
    size_t said = 0;

    if (done == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (done[i])
            continue;
        if (said < most && said > 0)
            text_add(out, "; ");
        if (said < most && is_port(places[i]))
            add_group(out, places, count, i, done, most);
        else if (said < most)
            text_add(out, places[i]->name);
        said++;
        done[i] = true;
    }
    text_add_more(out, said, most);
    free(done);
}
