/*
 * Lists of Exchange servers for a text. Only counted servers with a valid host name come through here, so that the list
 * may stand beside commands.
 */
#ifndef NOTIFY_WORDS_SERVER_NAMES_H
#define NOTIFY_WORDS_SERVER_NAMES_H

#include "base/text.h"
#include "core/facts.h"

#include <stddef.h>

enum server_pick {
    SERVERS_ALL,
    SERVERS_WITHOUT_CANDIDATE,
    SERVERS_PRESENT,
    SERVERS_MISSING,
    SERVERS_UNREACHABLE,
    SERVERS_UNKNOWN
};

/* Adds "ex1.contoso.test, ex2.contoso.test and 40 more" of the servers that are picked, at most `most` by name, and
 * returns how many they are; nothing when there is none. Presence is that in `slot`. What is added is short enough for
 * one paragraph. */
size_t server_names_add(struct text *out, const struct facts *facts, enum server_pick pick, enum slot slot,
                        size_t most);

/* The first of them, or NULL. */
const char *server_names_first(const struct facts *facts, enum server_pick pick, enum slot slot);

#define SERVER_NAMES_MOST 20 /* names in one list of a message */

#endif
