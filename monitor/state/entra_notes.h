/*
 * What was learned of and done in Entra: for each tenant and key what it said last, since when it says nothing, whether
 * we gave it the key and under which identifier, and who vouched for it. Kept in order of learning. Empty when zeroed;
 * plain values but for the list.
 */
#ifndef MONITOR_STATE_ENTRA_NOTES_H
#define MONITOR_STATE_ENTRA_NOTES_H

#include "base/error.h"
#include "core/facts.h"
#include "core/tenant.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* So long after a key was given to Entra a no of it means: not yet. */
#define ENTRA_SPREADS 3600

struct entra_note {
    struct tenant tenant;
    char thumbprint[THUMBPRINT_SIZE];
    enum answer accepts; /* the last yes or no, or what a person vouched for; else unknown */
    time_t since;        /* of that; 0 = it is unknown */
    time_t asked_at;     /* the last question; 0 = never */
    int silent;          /* the dates in a row on which it was asked and said neither */
    char said[TENANT_SAID_SIZE];
    char by[TENANT_BY_SIZE];        /* who vouched; "" = Entra itself said it */
    time_t added_at;                /* we began to give it the key; 0 = we did not, or were refused */
    char key_id[GUID_STRING_SIZE];  /* under which we can take it back; "" = not known */
    char refused[TENANT_SAID_SIZE]; /* why it could not be given; "" = it was not tried, or could */
    time_t seen_at;                 /* the last look that saw it in a slot; 0 = none did */
};

struct entra_notes {
    struct entra_note *items;
    size_t count;
};

void entra_notes_free(struct entra_notes *notes);

/* What is known; NULL when nothing is. */
struct entra_note *entra_notes_find(const struct entra_notes *notes, const struct tenant *tenant,
                                    const char *thumbprint);

/* The same, made where there is none; NULL only when out of memory. It stays where it is until the next is made. */
struct entra_note *entra_notes_have(struct entra_notes *notes, const struct tenant *tenant, const char *thumbprint);

/* Takes in what Entra said. Where it said neither yes nor no, what was known stays. */
void entra_note_said(struct entra_note *note, const struct entra_verdict *verdict, time_t now);

/* A person vouches that Entra has the key. What Entra itself says afterwards counts more. */
void entra_note_vouched(struct entra_note *note, const char *by, time_t now);

/* Is a no still too early to be one? */
bool entra_note_spreads(const struct entra_note *note, time_t now);

/* Notes which keys are in slots now, and forgets those that are in none, are not the candidate and not ours to take
 * back. `kept`: further thumbprints to remember. Unless what was read may be old. */
void entra_notes_look(struct entra_notes *notes, const struct facts *facts, const struct strings *kept, time_t now);

struct json_t;
struct reader;

/* As a member of the history; NULL when out of memory. */
struct json_t *entra_notes_to_json(const struct entra_notes *notes);
/* Earlier versions did not write it. */
void entra_notes_read(struct reader *reader, const struct json_t *root, const char *key, struct entra_notes *notes);

#endif
