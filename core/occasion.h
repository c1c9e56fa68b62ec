/*
 * Why a message is sent: what the run decided to tell, between the room that decides it and the room that words it.
 * Plain values.
 */
#ifndef CORE_OCCASION_H
#define CORE_OCCASION_H

#include "core/report.h"
#include "core/slots.h"

#include <stdbool.h>
#include <time.h>

enum occasion_kind {
    OCCASION_NONE,      /* nothing to tell */
    OCCASION_TEST,      /* `notify --test` */
    OCCASION_EXPIRY,    /* the time left crossed a threshold, or it is one more day below the last one */
    OCCASION_STATUS,    /* the status changed for the worse, or between kinds of trouble */
    OCCASION_BLIND,     /* the directory could not be read, and it is time to say so */
    OCCASION_FAILED,    /* an act of this run failed: report->done says which and why */
    OCCASION_BLOCKED,   /* an act is due and held back: not told before, or its time comes nearer */
    OCCASION_DONE,      /* this run, or a typed command, changed something: report->done says what */
    OCCASION_RECOVERED, /* all is well again, or the directory can be read again */
    OCCASION_STUCK,     /* the run could not begin, for its state folder cannot be used: facts->unreadable says why */
    OCCASION_INVENTORY  /* the auth certificate gives no reason, but the other certificates do: see inventory */
};

#define OCCASION_NAME_SIZE 65

struct inventory_news;

struct occasion {
    enum occasion_kind kind;
    int threshold_days; /* the threshold that was crossed, 0 when none was */
    bool escalate;      /* the second list of recipients gets it too */
    enum status before; /* the status told last; meaningful for STATUS and RECOVERED */
    /* The incident that earlier messages told of is over, whatever else this one tells: it is the all-clear. */
    bool recovered;
    struct thread thread; /* of the incident's earlier messages, which this one replies to; "" when it is the first */
    /* What earlier runs knew, for a run that could not read the directory; 0 and "" when nothing was known. */
    time_t known_end;
    char known_thumbprint[THUMBPRINT_SIZE];
    char known_organization[OCCASION_NAME_SIZE]; /* its name, printable; "" when no earlier run saw it */
    const struct inventory_news *inventory;      /* what is to be told of the other certificates; NULL = nothing */
    time_t blind_since; /* first of the consecutive runs that could not read the directory; 0 when it was read */
};

#endif
