#include "monitor/look/delivered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "monitor/look/probed.h"
#include "monitor/look/recorded.h"
#include "monitor/decide/sites.h"

static int compare(const struct delivery_note *note, const char *thumbprint, const char *fqdn) {
    int order = strcmp(note->thumbprint, thumbprint);

    return order != 0 ? order : strcasecmp(note->fqdn, fqdn);
}

/* The place of an answer, or where it would stand: the answers are kept in order, for there are up to four of each of
 * thousands of servers. */
static size_t place_of(const struct history *history, const char *thumbprint, const char *fqdn) {
    size_t begin = 0, end = history->delivery_count;

    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;

        if (compare(&history->deliveries[middle], thumbprint, fqdn) < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

static struct delivery_note *find(const struct history *history, const char *thumbprint, const char *fqdn) {
    size_t place = place_of(history, thumbprint, fqdn);

    return place < history->delivery_count && compare(&history->deliveries[place], thumbprint, fqdn) == 0
               ? &history->deliveries[place]
               : NULL;
}

static struct delivery_note *add(struct history *history, const char *thumbprint, const char *fqdn) {
    size_t place = place_of(history, thumbprint, fqdn);
    struct delivery_note *notes =
        reallocarray(history->deliveries, history->delivery_count + 1, sizeof(*history->deliveries));
    char *name = strdup(fqdn);

    if (notes != NULL)
        history->deliveries = notes;
    if (notes == NULL || name == NULL) {
        free(name);
        return NULL;
    }
    memmove(&notes[place + 1], &notes[place], (history->delivery_count - place) * sizeof(*notes));
    history->delivery_count++;
    notes[place] = (struct delivery_note){.fqdn = name};
    snprintf(notes[place].thumbprint, THUMBPRINT_SIZE, "%s", thumbprint);
    return &notes[place];
}

bool delivered_note(struct history *history, const char *thumbprint, const char *fqdn, bool present, time_t at,
                    struct error *err) {
    struct delivery_note *note = find(history, thumbprint, fqdn);

    if (note == NULL)
        note = add(history, thumbprint, fqdn);
    if (note == NULL)
        return error_memory(err);
    note->present = present;
    note->at = at;
    return true;
}

static bool is_referred_to(const struct facts *facts, const char *thumbprint) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(facts->slots.thumbprint[slot], thumbprint) == 0)
            return true;
    return strcmp(facts->candidate.thumbprint, thumbprint) == 0 || strcmp(facts->slots.other_next, thumbprint) == 0;
}

void delivered_forget(struct history *history, const struct facts *facts) {
    size_t kept = 0;

    /* What was read away from the one writer may be older than the last staging. */
    if (!facts->read || facts->directory.writer_down)
        return;
    for (size_t i = 0; i < history->delivery_count; i++) {
        if (is_referred_to(facts, history->deliveries[i].thumbprint))
            history->deliveries[kept++] = history->deliveries[i];
        else
            free(history->deliveries[i].fqdn);
    }
    history->delivery_count = kept;
}

static enum presence answer_of(const struct delivery_note *note) {
    if (note == NULL)
        return PRESENCE_UNKNOWN;
    return note->present ? PRESENCE_PRESENT : PRESENCE_MISSING;
}

/* What a server's presence is with an answer to a delivery beside what its document said. */
static enum presence with_answer(enum presence seen, const struct delivery_note *note, time_t now) {
    if (note == NULL || seen == PRESENCE_PRESENT)
        return seen;
    if (seen == PRESENCE_MISSING && note->present && (note->at == 0 || now - note->at > PROBED_SETTLED))
        return PRESENCE_MISSING;
    return answer_of(note);
}

static void apply_to_server(const struct history *history, const struct facts *facts, time_t now,
                            struct server_facts *server) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (facts->slots.thumbprint[slot][0] != '\0')
            server->presence[slot] =
                with_answer(server->presence[slot], find(history, facts->slots.thumbprint[slot], server->fqdn), now);
    server->candidate = facts->candidate.thumbprint[0] != '\0'
                            ? answer_of(find(history, facts->candidate.thumbprint, server->fqdn))
                            : PRESENCE_UNKNOWN;
}

static enum delivery how_far(const struct policy *policy, const struct strings *tried, const char *thumbprint,
                             bool enough) {
    if (enough)
        return DELIVERY_ENOUGH;
    if (!policy->deliver_by_command)
        return DELIVERY_WAITING;
    return strings_contain(tried, thumbprint) ? DELIVERY_FAILED : DELIVERY_UNTRIED;
}

/* Nothing can take current's place without a new certificate, and no site is waited for that cannot be reached. */
static bool is_emergency(const struct facts *facts, time_t now) {
    enum slot_state current = facts_slot_state(facts, SLOT_CURRENT, now);

    return current == SLOT_UNUSABLE || current == SLOT_EMPTY;
}

static bool candidate_enough(const struct facts *facts, const struct policy *policy, time_t now) {
    return facts_candidate_enough(facts, policy->confirm) ||
           (is_emergency(facts, now) && sites_candidate_enough(facts, policy->confirm));
}

void delivered_apply(const struct history *history, const struct policy *policy, const struct strings *tried,
                     time_t now, struct facts *facts) {
    for (size_t i = 0; i < facts->server_count && history->delivery_count > 0; i++)
        if (facts->servers[i].counted)
            apply_to_server(history, facts, now, &facts->servers[i]);
    recorded_apply(facts);
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        facts->slot[slot].delivery = how_far(policy, tried, facts->slots.thumbprint[slot],
                                             facts_count_presence(facts, (enum slot)slot, PRESENCE_MISSING) == 0);
    if (facts->candidate.thumbprint[0] != '\0')
        facts->candidate.delivery =
            how_far(policy, tried, facts->candidate.thumbprint, candidate_enough(facts, policy, now));
}
