/*
 * What earlier runs saw and told: the only memory besides keys. A small JSON file in the state folder, written
 * atomically. Losing it costs at most one repeated mail; a damaged one is set aside and begun anew.
 */
#ifndef MONITOR_STATE_HISTORY_H
#define MONITOR_STATE_HISTORY_H

#include "core/change.h"
#include "base/error.h"
#include "core/report.h"
#include "core/slots.h"
#include "base/text.h"
#include "monitor/state/deliveries.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define HISTORY_NAME "history.json"
#define HISTORY_EVENTS_MOST 1000
#define HISTORY_BEGUN_MOST 16 /* writes, more than one run makes */

struct event {
    time_t at;
    char *kind; /* "told", "seen", "done", "trouble" */
    char *text; /* one printable sentence */
};

/* A write to the directory that was begun and not told yet, and what the directory shows once it has arrived.
 * monitor/act/begun.h. */
struct begun {
    enum act act;
    char thumbprint[THUMBPRINT_SIZE];
    struct desired desired;
    bool done; /* the directory has confirmed it */
};

/* The trouble that messages tell of, from the first one to the all-clear. */
struct incident {
    time_t since;         /* its first message; 0 = there is none */
    bool escalated;       /* the second list of recipients heard of it */
    struct thread thread; /* "" when its first message went over channels without threads */
};

struct history {
    char *organization_dn; /* NULL before the first look that succeeded */
    time_t last_run;       /* 0 = never */
    /* The pair (current, previous) as last seen, and the first run that saw it while it stayed unchanged. */
    char pair_current[THUMBPRINT_SIZE];
    char pair_previous[THUMBPRINT_SIZE];
    time_t pair_since;
    time_t pair_seen;    /* the last look that saw it */
    time_t pair_after;   /* another pair still stood then, so nothing can have been promoted before; 0 = not known */
    time_t last_success; /* the last run that did all it had to; 0 = none did */
    time_t known_end;    /* NotAfter of current when last known; 0 = never known */
    char known_thumbprint[THUMBPRINT_SIZE];
    bool act_failed; /* the last act that was tried failed */
    struct begun begun[HISTORY_BEGUN_MOST];
    size_t begun_count;
    time_t spreading_since; /* the last write was not seen on every domain controller then, nor since; 0 = it was */
    /* Telling. */
    bool status_known;
    enum status told_status;               /* the status that the last run which could read ended with */
    char told_thumbprint[THUMBPRINT_SIZE]; /* whose thresholds these are */
    int told_threshold;                    /* the smallest threshold told, in days; 0 = none */
    time_t told_expiry_at;                 /* when the last expiry message was told; 0 = never */
    time_t blind_since;                    /* first of the consecutive runs that could not read; 0 = could read */
    enum row told_blocked_row;             /* the decision of the last look that was told or had nothing to tell */
    enum block told_block;
    time_t blind_told;          /* when blindness was told last; 0 = not in this spell */
    int told_blocked_threshold; /* the smallest threshold at which it was told, in days; 0 = none */
    time_t told_blocked_at;     /* when it was told last; 0 = never */
    struct strings told_failed; /* the failures told last, as tell.c spells them; none = the last run had none */
    time_t told_failed_at;      /* when they were told last */
    struct incident incident;
    struct strings missed; /* channels that could neither send nor keep the last message */
    struct deliveries deliveries;
    struct event *events;
    size_t event_count;
};

void history_free(struct history *history);

/* Adds an event (oldest ones beyond the cap go). Memory trouble is an error; the history stays valid. */
bool history_add(struct history *history, time_t at, const char *kind, const char *text, struct error *err)
    __attribute__((warn_unused_result));

/* Reads "history.json" in the state folder. A missing one is an empty history. A damaged one is DATA. */
bool history_load(int state, struct history *ret_history, struct error *err) __attribute__((warn_unused_result));
bool history_save(int state, const struct history *history, struct error *err) __attribute__((warn_unused_result));

/* Makes the history durable in the middle of a run. */
struct keeper_port {
    void *context;
    bool (*save)(void *context, const struct history *history, struct error *err);
};

/* Takes that the present pair has stood since `since` at the latest. An earlier instant known for the same pair stays.
 */
void history_note_pair(struct history *history, const struct slots *slots, time_t since, time_t now);

/* Takes what this look saw: the pair, the known end, the organization, the time of the run. */
void history_note_look(struct history *history, const struct facts *facts, time_t now);

#endif
