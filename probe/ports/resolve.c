#include "probe/ports/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

struct resolving {
    struct gaicb *requests;
    struct gaicb **list;
    size_t *places; /* of each request */
    int count;
};

static bool wants(const struct place *place) {
    return (place->kind == PLACE_NAME || place->kind == PLACE_MX) && place->host != NULL && place->address == NULL;
}

static bool prepare(const struct inventory *inventory, struct resolving *resolving, struct error *err) {
    static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    size_t count = inventory->place_count + 1;

    resolving->requests = calloc(count, sizeof(*resolving->requests));
    resolving->list = calloc(count, sizeof(struct gaicb *));
    resolving->places = calloc(count, sizeof(*resolving->places));
    if (resolving->requests == NULL || resolving->list == NULL || resolving->places == NULL)
        return error_memory(err);
    for (size_t i = 0; i < inventory->place_count; i++) {
        struct gaicb *request = &resolving->requests[resolving->count];

        if (!wants(&inventory->places[i]))
            continue;
        *request = (struct gaicb){.ar_name = inventory->places[i].host, .ar_request = &hints};
        resolving->places[resolving->count] = i;
        resolving->list[resolving->count++] = request;
    }
    return true;
}

static bool address_of(const struct addrinfo *found, char out[INET6_ADDRSTRLEN]) {
    const void *address = found->ai_family == AF_INET
                              ? (const void *)&((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr
                              : (const void *)&((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr;

    return (found->ai_family == AF_INET || found->ai_family == AF_INET6) &&
           inet_ntop(found->ai_family, address, out, INET6_ADDRSTRLEN) != NULL;
}

static char *called(const char *name, const char *address) {
    struct text text = {0};

    text_format(&text, "%s at %s", name, address);
    return text_take(&text);
}

/* A place like `index`, at another address. */
static bool add_like(struct inventory *inventory, size_t index, const char *address, struct error *err) {
    struct place *place = inventory_add_place(inventory, inventory->places[index].kind, err);
    const struct place *like;

    if (place == NULL)
        return false;
    like = &inventory->places[index];
    place->host = strdup(like->host);
    place->sni = strdup(like->sni);
    place->address = strdup(address);
    place->port = like->port;
    place->name = strdup(like->name);
    return (place->host != NULL && place->sni != NULL && place->address != NULL && place->name != NULL) ||
           error_memory(err);
}

static bool rename_at(struct place *place, struct error *err) {
    char *name = called(place->name, place->address);

    if (name == NULL)
        return error_memory(err);
    free(place->name);
    place->name = name;
    return true;
}

/* The addresses of one name become places. */
static bool take(struct inventory *inventory, size_t index, const struct addrinfo *found, struct error *err) {
    struct strings addresses = {0};
    char address[INET6_ADDRSTRLEN];
    size_t first_new = inventory->place_count;
    bool ok;

    for (; found != NULL && addresses.count < RESOLVE_ADDRESSES_MOST; found = found->ai_next)
        if (address_of(found, address) && !strings_contain(&addresses, address))
            strings_add(&addresses, "%s", address);
    ok = !addresses.failed || error_memory(err);
    for (size_t i = 1; ok && i < addresses.count; i++)
        ok = add_like(inventory, index, addresses.items[i], err);
    if (ok && addresses.count > 0) {
        inventory->places[index].address = strdup(addresses.items[0]);
        ok = inventory->places[index].address != NULL || error_memory(err);
    }
    if (ok && addresses.count > 1)
        ok = rename_at(&inventory->places[index], err);
    for (size_t i = first_new; ok && i < inventory->place_count; i++)
        ok = rename_at(&inventory->places[i], err);
    strings_free(&addresses);
    return ok;
}

bool resolve_places(struct inventory *inventory, struct error *err) {
    struct resolving resolving = {0};
    bool ok = prepare(inventory, &resolving, err);

    if (ok && resolving.count > 0 && getaddrinfo_a(GAI_WAIT, resolving.list, resolving.count, NULL) != 0)
        ok = error_set(err, ERROR_LOCAL, "cannot ask for the addresses of the names that clients use");
    for (int i = 0; i < resolving.count; i++) {
        if (ok && gai_error(resolving.list[i]) == 0)
            ok = take(inventory, resolving.places[i], resolving.requests[i].ar_result, err);
        if (resolving.requests[i].ar_result != NULL)
            freeaddrinfo(resolving.requests[i].ar_result);
    }
    free(resolving.requests);
    free(resolving.list);
    free(resolving.places);
    return ok;
}
