/*
 * What earlier nights know of the other certificates: which places were silent, what was told of them, which
 * certificate is to come. A small JSON file of its own in the state folder; losing it costs at most repeated messages.
 * Owns what it points to; free with memory_free.
 */
#ifndef MONITOR_STATE_MEMORY_H
#define MONITOR_STATE_MEMORY_H

#include "base/error.h"
#include "base/text.h"
#include "core/inventory/inventory.h"
#include "core/report.h"
#include "core/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define MEMORY_NAME "inventory.json"

/* A place that was asked, by its name. */
struct known_place {
    char *name;
    bool shown;        /* it has shown a certificate once */
    int silent_nights; /* since when it has not, in nights; 0 = it does */
    bool old_tls[2];   /* it took TLS 1.0, TLS 1.1 when it was asked last */
};

/* A finding that was told. */
struct told_finding {
    enum finding_id id;
    char *place;
    char *about;
    enum finding_severity severity;
    int threshold; /* the smallest of warn_days that was told, 0 = none */
    char *text;    /* as it was told last */
    time_t at;     /* when that was */
};

/* The messages about one thing, which hang together. */
struct told_thread {
    char *about;
    struct thread thread;
};

/* A certificate that is to come, or is coming. */
struct upcoming {
    char thumbprint[THUMBPRINT_SIZE]; /* "" = there is none */
    char *label;
    struct strings names;
    time_t since;
};

struct memory {
    time_t asked_old_tls; /* when it was asked last; 0 = never */
    time_t night;         /* the last night that counted silence; 0 = none */
    struct known_place *places;
    size_t place_count;
    struct told_finding *told;
    size_t told_count;
    struct told_thread *threads;
    size_t thread_count;
    struct upcoming upcoming;
};

void memory_free(struct memory *memory);

/* What is known of a place; NULL = nothing. */
const struct known_place *memory_place(const struct memory *memory, const char *name);

/* A certificate is to come, in the place of one that was announced before; the admin has just been told who still shows
 * the old one. */
bool memory_announce(struct memory *memory, const struct shown *shown, time_t now, struct error *err) MUST_CHECK;

/* The one that was to come is there, or is no longer expected. */
void memory_forget_upcoming(struct memory *memory);

/* Reads the file in the state folder (-1 = there is none). A missing one is empty. A damaged one is DATA. */
bool memory_load(int state, struct memory *ret_memory, struct error *err) MUST_CHECK;
bool memory_save(int state, const struct memory *memory, struct error *err) MUST_CHECK;

#endif
