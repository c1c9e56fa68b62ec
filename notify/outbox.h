/*
 * Messages that are not delivered yet, one file (JSON, 0600) each in the outbox folder: written before the first
 * attempt, rewritten while some recipients still wait, removed when all are served. Names sort by age. An item owns its
 * strings; free with outbox_item_free. Nothing here sends or reads the clock.
 */
#ifndef NOTIFY_OUTBOX_H
#define NOTIFY_OUTBOX_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define OUTBOX_MOST 100                       /* messages that may wait */
#define OUTBOX_FILE_MOST (1024 * 1024)        /* bytes of one file */
#define OUTBOX_TEXT_MOST (256 * 1024)         /* bytes of one message */
#define OUTBOX_KEEP ((time_t)14 * 86400)      /* seconds after which a message is given up */
#define OUTBOX_PAUSE_MOST ((time_t)20 * 3600) /* less than a day, so that a nightly run never skips a night */

struct outbox_item {
    char *name; /* of its file; NULL before outbox_add */
    char *id;   /* Message-ID */
    char *subject;
    char *from;
    struct strings to; /* those who still wait for it */
    /* Those who may have it: it was handed over whole for them, and nobody said whether it was taken. They get it once
     * more. And who left them in doubt; NULL = nobody. */
    struct strings unclear;
    char *unclear_by;
    size_t lost; /* who were left in doubt a second time by the last attempt, and wait no more; not kept */
    bool served; /* others have it */
    time_t created;
    int attempts; /* so far */
    time_t next_attempt;
    int64_t pause; /* seconds for which the other side of the last attempt wants to be left alone; not kept */
    char *reason;  /* why the last attempt failed; "" before the first */
    char *text;    /* the complete message */
};

/* Writes a new item and names its file. LOCAL when the disk refuses or OUTBOX_MOST are waiting already. */
bool outbox_add(int folder, struct outbox_item *item, struct error *err) MUST_CHECK;

/* Writes a changed item over its file. */
bool outbox_save(int folder, const struct outbox_item *item, struct error *err) MUST_CHECK;

/* The waiting files' names, oldest first, at most OUTBOX_MOST. */
bool outbox_list(int folder, struct strings *ret_names, struct error *err) MUST_CHECK;

/* False with ERROR_NONE when the file is gone; DATA when it is damaged. */
bool outbox_load(int folder, const char *name, struct outbox_item *ret_item, struct error *err) MUST_CHECK;

/* Marks the waiting messages of the run at `created` as served: somebody has what they say. */
bool outbox_heard(int folder, time_t created, struct error *err) MUST_CHECK;

/* How many messages wait; 0 also when the folder cannot be read. */
size_t outbox_pending(int folder);

/* Removes an item that is given up and counts it in the folder. */
bool outbox_give_up(int folder, const struct outbox_item *item, struct error *err) MUST_CHECK;

/* How many messages were given up since the folder was made; 0 also when that cannot be read. */
size_t outbox_given_up(int folder);

/* Counts a failed attempt and sets the next one: at once (the next run) after the first, then after growing pauses,
 * but not before item->pause is over. */
void outbox_postpone(struct outbox_item *item, time_t now);

/* Is the next attempt's time there? Also when it lies further ahead than any pause, after the clock was set back. */
bool outbox_due(const struct outbox_item *item, time_t now);

void outbox_item_free(struct outbox_item *item);

#endif
