#include "monitor/state/deliveries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int compare(const struct delivery_note *note, const char *thumbprint, const char *fqdn) {
    int order = strcmp(note->thumbprint, thumbprint);

    return order != 0 ? order : strcasecmp(note->fqdn, fqdn);
}

/* The place of an answer, or where it would stand: the answers are kept in order, for there are up to four of each of
 * thousands of servers. */
static size_t place_of(const struct deliveries *deliveries, const char *thumbprint, const char *fqdn) {
    size_t begin = 0, end = deliveries->count;

    while (begin < end) {
        size_t middle = begin + (end - begin) / 2;

        if (compare(&deliveries->items[middle], thumbprint, fqdn) < 0)
            begin = middle + 1;
        else
            end = middle;
    }
    return begin;
}

static struct delivery_note *find(const struct deliveries *deliveries, const char *thumbprint, const char *fqdn) {
    size_t place = place_of(deliveries, thumbprint, fqdn);

    return place < deliveries->count && compare(&deliveries->items[place], thumbprint, fqdn) == 0
               ? &deliveries->items[place]
               : NULL;
}

static struct delivery_note *add(struct deliveries *deliveries, const char *thumbprint, const char *fqdn) {
    size_t place = place_of(deliveries, thumbprint, fqdn);
    struct delivery_note *notes = reallocarray(deliveries->items, deliveries->count + 1, sizeof(*deliveries->items));
    char *name = strdup(fqdn);

    if (notes != NULL)
        deliveries->items = notes;
    if (notes == NULL || name == NULL) {
        free(name);
        return NULL;
    }
    memmove(&notes[place + 1], &notes[place], (deliveries->count - place) * sizeof(*notes));
    deliveries->count++;
    notes[place] = (struct delivery_note){.fqdn = name};
    snprintf(notes[place].thumbprint, THUMBPRINT_SIZE, "%s", thumbprint);
    return &notes[place];
}

bool deliveries_note(struct deliveries *deliveries, const char *thumbprint, const char *fqdn, bool present, time_t at,
                     struct error *err) {
    struct delivery_note *note = find(deliveries, thumbprint, fqdn);

    if (note == NULL)
        note = add(deliveries, thumbprint, fqdn);
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

void deliveries_forget(struct deliveries *deliveries, const struct facts *facts) {
    size_t kept = 0;

    /* What was read away from the one writer may be older than the last staging. */
    if (!facts->read || facts->directory.writer_down)
        return;
    for (size_t i = 0; i < deliveries->count; i++)
        if (is_referred_to(facts, deliveries->items[i].thumbprint))
            deliveries->items[kept++] = deliveries->items[i];
        else
            free(deliveries->items[i].fqdn);
    deliveries->count = kept;
}

const struct delivery_note *deliveries_find(const struct deliveries *deliveries, const char *thumbprint,
                                            const char *fqdn) {
    return find(deliveries, thumbprint, fqdn);
}

void deliveries_free(struct deliveries *deliveries) {
    for (size_t i = 0; i < deliveries->count; i++)
        free(deliveries->items[i].fqdn);
    free(deliveries->items);
    *deliveries = (struct deliveries){0};
}
