/*
 * From which Exchange servers nothing is learned, and since when: unknown is never taken for missing, but blindness
 * that lasts is told. Kept in the history. Empty when zeroed; owns the names.
 */
#ifndef MONITOR_STATE_SILENCE_H
#define MONITOR_STATE_SILENCE_H

#include "base/error.h"
#include "core/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Nights without one good document from any counted server, after which it is told. */
#define SILENCE_NIGHTS_MOST 3

struct silent_server {
    char *fqdn;
    time_t since; /* the first look that learned nothing from it, and none did after */
};

struct silence {
    struct silent_server *servers; /* those that are silent, in the directory's order */
    size_t count;
    int nights;    /* dates in a row on which no counted server gave a good document */
    time_t night;  /* the last of them; 0 = there is none */
    time_t good;   /* when one gave a good document last; 0 = never */
    bool refusing; /* the last look that asked found what silence_refuses tells */
};

void silence_free(struct silence *silence);

/* Did every server that answered answer with HTTP 500, and did one of them give a good document before? That is what
 * servers do that have lost the current certificate. `silence` NULL: nothing is known from before. */
bool silence_refuses(const struct silence *silence, const struct facts *facts);

/* The nights of blindness with this look; 0 when it learned something. `silence` may be NULL. */
int silence_nights(const struct silence *silence, const struct facts *facts, time_t now);

/* Puts into the facts since when each server is silent. */
void silence_apply(const struct silence *silence, time_t now, struct facts *facts);

/* Takes what this look learned. Facts of servers that were not to be asked end all silence. */
bool silence_note(struct silence *silence, const struct facts *facts, time_t now, struct error *err) MUST_CHECK;

/* Adds one as it was kept. */
bool silence_add(struct silence *silence, const char *fqdn, time_t since, struct error *err) MUST_CHECK;

#endif
