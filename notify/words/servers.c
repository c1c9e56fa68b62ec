#include "notify/words/servers.h"

#include <string.h>

#include "base/text.h"

#define TROUBLES_MOST 3 /* sentences on what is wrong with servers */
#define UNCLEAR_MOST 3  /* names of those that only their troubles explain */
#define LIST_MOST 900   /* bytes of names, below LAYOUT_VALUE_MOST with the words around */

static bool is_picked(const struct server_facts *server, enum server_pick pick, enum slot slot) {
    if (!server->counted || !text_is_server_name(server->fqdn))
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

size_t servers_add_names(struct text *out, const struct facts *facts, enum server_pick pick, enum slot slot,
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

const char *servers_first_name(const struct facts *facts, enum server_pick pick, enum slot slot) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (is_picked(&facts->servers[i], pick, slot))
            return facts->servers[i].fqdn;
    return NULL;
}

/* One list of names, and what it means for the organization; nothing when there are none. */
static void add_names(struct layout *out, const struct facts *facts, enum slot slot, enum server_pick pick,
                      const char *what, const char *meaning) {
    struct text names = {0};
    size_t most = pick == SERVERS_MISSING ? SERVERS_NAMES_MOST : UNCLEAR_MOST;
    size_t count = servers_add_names(&names, facts, pick, slot, most);

    if (names.failed)
        out->failed = true;
    else if (count > 0) {
        layout_field(out, "", "%s on: %s", what, names.value);
        layout_field(out, "", "%s", meaning);
    }
    text_free(&names);
}

/* Why they gave no clear answer, those in the same case together. */
static void add_troubles(struct layout *out, const struct facts *facts) {
    struct strings troubles = {0};

    facts_add_troubles(facts, &troubles);
    for (size_t i = 0; i < troubles.count && i < TROUBLES_MOST; i++)
        layout_field(out, "", "%s", troubles.items[i]);
    if (troubles.count > TROUBLES_MOST)
        layout_field(out, "", "and %zu more, which `doctor` explains", troubles.count - TROUBLES_MOST);
    out->failed = out->failed || troubles.failed;
    strings_free(&troubles);
}

static void add_slot(struct layout *out, const struct facts *facts, enum slot slot) {
    const struct layout_counts counts = {.present = facts_count_presence(facts, slot, PRESENCE_PRESENT),
                                         .missing = facts_count_presence(facts, slot, PRESENCE_MISSING),
                                         .unreachable = facts_count_presence(facts, slot, PRESENCE_UNREACHABLE),
                                         .unknown = facts_count_presence(facts, slot, PRESENCE_UNKNOWN)};
    const char *lacking =
        slot == SLOT_CURRENT
            ? "these cannot sign tokens with it, and OAuth through them fails: bring it there, as "
              "listed below"
            : "these could not sign tokens from its date on: bring it there before, as described below";

    layout_counts(out, slot_name(slot), &counts);
    add_names(out, facts, slot, SERVERS_MISSING, "missing", lacking);
    if (slot != SLOT_CURRENT)
        return; /* documents do not list next, so it is the same for all of them */
    add_names(out, facts, slot, SERVERS_UNREACHABLE, "unreachable",
              "no connection, so what these have is not known: bring them back, or name those that are gone for good "
              "in ignore of [servers]");
    if (facts->probed)
        add_names(out, facts, slot, SERVERS_UNKNOWN, "unknown",
                  "these did not show it, which does not mean that they lack it: `doctor` tells what each answered");
}

void servers_add(struct layout *out, const struct facts *facts) {
    size_t counted = facts_counted(facts);

    layout_field(out, "Servers", "%zu that hold an auth certificate%s", counted,
                 facts->servers_read == ANSWER_YES ? "" : " (the list could not be read whole)");
    if (counted > 0 && !facts->probed)
        layout_field(out, "", "the servers themselves were not asked");
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT && counted > 0; slot++)
        if (slot != SLOT_PREVIOUS && facts->slots.thumbprint[slot][0] != '\0')
            add_slot(out, facts, (enum slot)slot);
    add_troubles(out, facts);
}
