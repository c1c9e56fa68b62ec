#include "notify/words/server_names.h"

#include <string.h>

#define LIST_MOST 900 /* bytes of the names, below LAYOUT_VALUE_MOST with the words around */

static bool is_picked(const struct server_facts *server, enum server_pick pick, enum slot slot) {
    if (!server->counted || !text_is_host_name(server->fqdn))
        return false;
    switch (pick) {
    case SERVERS_ALL:
        return true;
    case SERVERS_WITHOUT_CANDIDATE:
        return server->candidate != PRESENCE_PRESENT;
    case SERVERS_PRESENT:
        return server->presence[slot] == PRESENCE_PRESENT;
    case SERVERS_MISSING:
        return server->presence[slot] == PRESENCE_MISSING;
    case SERVERS_UNREACHABLE:
        return server->presence[slot] == PRESENCE_UNREACHABLE;
    case SERVERS_UNKNOWN:
        return server->presence[slot] == PRESENCE_UNKNOWN;
    }
    return false;
}

size_t server_names_add(struct text *out, const struct facts *facts, enum server_pick pick, enum slot slot,
                        size_t most) {
    const size_t begin = out->length;
    size_t count = 0;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (!is_picked(server, pick, slot))
            continue;
        if (count < most && out->length - begin + strlen(server->fqdn) > LIST_MOST)
            most = count;
        text_add_name(out, server->fqdn, count++, most);
    }
    text_add_more(out, count, most);
    return count;
}

const char *server_names_first(const struct facts *facts, enum server_pick pick, enum slot slot) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (is_picked(&facts->servers[i], pick, slot))
            return facts->servers[i].fqdn;
    return NULL;
}
