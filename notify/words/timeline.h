/*
 * The life of an organization's certificates around today, as plain data to be drawn: a bar for each slot that holds
 * one, cut into pieces by what the certificate is good for, and the dated points that matter, from the first that is
 * past to the last that is planned. What lies beyond the drawn span is cut off at its ends. Nothing is allocated.
 */
#ifndef NOTIFY_WORDS_TIMELINE_H
#define NOTIFY_WORDS_TIMELINE_H

#include "core/occasion.h"
#include "core/report.h"
#include "core/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum timeline_piece_kind {
    TIMELINE_IN_USE, /* it is, or by plan will be, the current certificate, and valid */
    TIMELINE_SPARE,  /* valid, but another one is current */
    TIMELINE_GAP     /* current, and not valid any more: nothing works */
};

struct timeline_piece {
    enum timeline_piece_kind kind;
    time_t from;
    time_t to; /* later than `from` */
};

#define TIMELINE_PIECES_MOST 3

struct timeline_bar {
    enum slot slot;
    struct timeline_piece pieces[TIMELINE_PIECES_MOST]; /* by time, within the drawn span, not overlapping */
    size_t piece_count;
};

enum timeline_what { TIMELINE_STAGE, TIMELINE_RETIRE, TIMELINE_ACTIVATE, TIMELINE_END, TIMELINE_TODAY };
#define TIMELINE_MARKS_MOST 5

struct timeline_mark {
    enum timeline_what what;
    time_t at;
};

struct timeline {
    time_t now;
    time_t from; /* the drawn span */
    time_t to;
    bool last_known;                      /* the end of current is what an earlier run saw */
    struct timeline_bar bars[SLOT_COUNT]; /* in the order of their use: previous, current, next */
    size_t bar_count;                     /* 0: nothing is known that could be drawn, and the rest means nothing */
    struct timeline_mark marks[TIMELINE_MARKS_MOST]; /* by time; today is one of them */
    size_t mark_count;
};

/* Of `occasion` (NULL = none) only what earlier runs knew is taken. */
void timeline_make(const struct report *report, const struct occasion *occasion, struct timeline *ret_timeline);

/* Where an instant lies in the drawn span, in thousandths of it, 0 to 1000. */
int timeline_place(const struct timeline *timeline, time_t at);

/* "today", "current ends", ...; of what should have happened by now, "... was due". Static. */
const char *timeline_words(const struct timeline *timeline, const struct timeline_mark *mark);

/* "current", "valid, not current", "no valid certificate". Static. */
const char *timeline_piece_words(enum timeline_piece_kind kind);

/* "Current", "Previous", "Next": a bar's name, and a slot's wherever one is shown. Static. */
const char *timeline_slot_words(enum slot slot);

#endif
