/*
 * The Exchange servers in a message: how many have each certificate, and by name those that lack it, could not be
 * reached or gave no clear answer, with what that means and what to do. Judges nothing; names are validated host names.
 */
#ifndef NOTIFY_WORDS_SERVERS_H
#define NOTIFY_WORDS_SERVERS_H

#include "core/facts.h"
#include "base/text.h"
#include "notify/words/layout.h"

#include <stddef.h>

/* Adds them as fields. `facts` were read. */
void servers_add(struct layout *out, const struct facts *facts);

#define SERVERS_NAMES_MOST 20 /* names in one list of a message */

enum server_pick {
    SERVERS_ALL,
    SERVERS_WITHOUT_CANDIDATE,
    SERVERS_PRESENT,
    SERVERS_MISSING,
    SERVERS_UNREACHABLE,
    SERVERS_UNKNOWN
};

/* Adds "ex1.contoso.test, ex2.contoso.test and 40 more" of the counted servers with a valid name that are picked, at
 * most `most` by name, and returns how many they are; nothing when there is none. Presence is that in `slot`. What is
 * added is short enough for one paragraph. */
size_t servers_add_names(struct text *out, const struct facts *facts, enum server_pick pick, enum slot slot,
                         size_t most);

/* The first of them, or NULL. */
const char *servers_first_name(const struct facts *facts, enum server_pick pick, enum slot slot);

#endif
