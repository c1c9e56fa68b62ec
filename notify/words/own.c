#include "notify/words/own.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS_MOST 20 /* names in one list */
#define LIST_MOST 900   /* bytes of them, below LAYOUT_VALUE_MOST with the words around */

const char *own_config(const struct mail_sender *sender) {
    const char *path = sender->config;

    if (path[0] == '-' || path[0] == '\0')
        return "CONFIG";
    for (const char *p = path; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("/._-+@", *p))
            return "CONFIG";
    return path;
}

void own_command(struct layout *out, const struct mail_sender *sender, const char *format, ...) {
    char *command = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&command, format, arguments);
    va_end(arguments);
    if (length < 0) {
        out->failed = true;
        return;
    }
    layout_command(out, "authcert -c %s %s", own_config(sender), command);
    free(command);
}

static bool is_picked(const struct server_facts *server, enum own_pick pick, enum slot slot) {
    if (!server->counted || !text_is_host_name(server->fqdn))
        return false;
    switch (pick) {
    case OWN_ALL:
        return true;
    case OWN_WITHOUT_CANDIDATE:
        return server->candidate != PRESENCE_PRESENT;
    case OWN_PRESENT:
        return server->presence[slot] == PRESENCE_PRESENT;
    case OWN_MISSING:
        return server->presence[slot] == PRESENCE_MISSING;
    case OWN_UNREACHABLE:
        return server->presence[slot] == PRESENCE_UNREACHABLE;
    case OWN_UNKNOWN:
        return server->presence[slot] == PRESENCE_UNKNOWN;
    }
    return false;
}

size_t own_servers(struct text *out, const struct facts *facts, enum own_pick pick, enum slot slot) {
    size_t begin = out->length;
    size_t count = 0;
    size_t named = 0;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];

        if (!is_picked(server, pick, slot))
            continue;
        count++;
        if (named == SERVERS_MOST || out->length - begin + strlen(server->fqdn) > LIST_MOST)
            continue;
        text_format(out, "%s%s", named > 0 ? ", " : "", server->fqdn);
        named++;
    }
    if (count > named)
        text_format(out, " and %zu more", count - named);
    return count;
}

const char *own_first_server(const struct facts *facts, enum own_pick pick, enum slot slot) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (is_picked(&facts->servers[i], pick, slot))
            return facts->servers[i].fqdn;
    return NULL;
}
