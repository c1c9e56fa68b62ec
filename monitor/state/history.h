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
#include "monitor/state/author.h"
#include "monitor/state/deliveries.h"
#include "monitor/state/emergency.h"
#include "monitor/state/entra_notes.h"
#include "monitor/state/pair.h"
#include "monitor/state/silence.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define HISTORY_NAME "history.json"
#define HISTORY_EVENTS_MOST 1000

struct event {
    time_t at;
    char *kind; /* "told", "seen", "done", "key", "trouble" */
    char *text; /* one printable sentence */
    char *by;   /* who did it, and by which command; both NULL where it is not known, and of what nobody did */
    char *command;
    bool fresh; /* of this process, not read from the file */
};

/* A write to the directory that was begun and not told yet, and what the directory shows once it has arrived. */
struct begun_write {
    enum act act;
    char thumbprint[THUMBPRINT_SIZE];
    struct desired desired;
    bool done; /* the directory has confirmed it */
};

#define BEGUN_WRITES_MOST 16 /* more than one run makes */

/* Written by monitor/act/begun_write.h. */
struct begun_writes {
    struct begun_write items[BEGUN_WRITES_MOST];
    size_t count;
};

/* The trouble that messages tell of, from the first one to the all-clear. Written by
 * monitor/run/tell.h. */
struct incident {
    time_t since;         /* its first message; 0 = there is none */
    bool escalated;       /* the second list of recipients heard of it */
    struct thread thread; /* "" when its first message went over channels without threads */
};

/* What was told last. Written by monitor/run/tell.h. */
struct told_last {
    bool status_known;
    enum status status;               /* that the last run which could read ended with */
    char thumbprint[THUMBPRINT_SIZE]; /* whose thresholds these are */
    int threshold;                    /* the smallest threshold told, in days; 0 = none */
    time_t expiry_at;                 /* when the last expiry message was told; 0 = never */
    enum row blocked_row;             /* the decision of the last look that was told or had nothing to tell */
    enum block block;
    int blocked_threshold; /* the smallest threshold at which it was told, in days; 0 = none */
    time_t blocked_at;     /* when it was told last; 0 = never */
    struct strings failed; /* the failures told last, as tell.c spells them; none = the last run had none */
    time_t failed_at;      /* when they were told last */
    bool silence;          /* that nothing is learned from the servers was told, and is so still */
};

/* A spell in which the directory could not be read. Begun by history_note_look, ended by monitor/run/tell.h. */
struct blind_spell {
    time_t since; /* first of the consecutive runs that could not read; 0 = could read */
    time_t told;  /* when it was told last; 0 = not in this spell */
};

/* The servers whose services began with a certificate over WinRM. Written by monitor/act/refresh.h. */
struct refreshed_servers {
    char thumbprint[THUMBPRINT_SIZE]; /* "" = none did yet */
    struct strings names;
};

/* Current as last known. */
struct known_end {
    time_t end; /* NotAfter; 0 = never known */
    char thumbprint[THUMBPRINT_SIZE];
};

/* The emergency as runs went through it without effect. Written by monitor/run/run.h. */
struct rehearsed {
    time_t at, passed_at;   /* the last time, and the last time that nothing lacked; 0 = never */
    struct strings lacking; /* what lacked the last time, a sentence each */
};

struct history {
    const struct author *author; /* of what is added from here on; borrowed, NULL = it is being read */
    char *organization_dn;       /* NULL before the first look that succeeded */
    time_t last_run;             /* 0 = never */
    time_t last_success;         /* the last run that did all it had to; 0 = none did */
    bool act_failed;             /* the last act that was tried failed */
    time_t spreading_since; /* the last write was not seen on every domain controller then, nor since; 0 = it was */
    struct pair pair;
    struct refreshed_servers refreshed;
    struct known_end known;
    struct blind_spell blind;
    struct begun_writes begun;
    struct deliveries deliveries;
    struct silence silence;
    struct entra_notes entra;
    struct told_last told;
    struct incident incident;
    struct emergency emergency;
    struct rehearsed rehearsed;
    struct strings missed; /* channels that could neither send nor keep the last message */
    struct event *events;
    size_t event_count;
};

void history_free(struct history *history);

/* Adds an event (oldest ones beyond the cap go); what was "done", and a "key", are the author's. Memory trouble is an
 * error; the history stays valid. */
bool history_add(struct history *history, time_t at, const char *kind, const char *text, struct error *err) MUST_CHECK;

/* Reads "history.json" in the state folder. A missing one is an empty history. A damaged one is DATA. */
bool history_load(int state, struct history *ret_history, struct error *err) MUST_CHECK;
bool history_save(int state, const struct history *history, struct error *err) MUST_CHECK;

/* Opens it for a process that will add to it. A damaged one is set aside (not with `only_read`) and begun anew:
 * *ret_damage says why, its kind ERROR_NONE where all is well. */
bool history_open(int state, const struct author *author, bool only_read, time_t now, struct history *ret_history,
                  struct error *ret_damage, struct error *err) MUST_CHECK;

/* Makes the history durable in the middle of a run. */
struct keeper_port {
    void *context;
    bool (*save)(void *context, const struct history *history, struct error *err);
};

/* Takes what this look saw: the pair, the known end, the organization, the time of the run. */
void history_note_look(struct history *history, const struct facts *facts, time_t now);

#endif
