/*
 * What the acts of one run share beside what it works on, and how each notes what it did.
 */
#ifndef MONITOR_ACT_ACTOR_H
#define MONITOR_ACT_ACTOR_H

#include "base/error.h"
#include "core/report.h"
#include "core/slots.h"
#include "monitor/look/looker.h"

#include <stdbool.h>

struct actor {
    struct looker *looker;       /* of the run; borrowed */
    bool interrupted;            /* someone ended a delivery in the middle: nothing more is done */
    bool typed;                  /* an admin typed it: what Entra says is told, and holds nothing back */
    bool made;                   /* a key pair was made in this run: at most one is */
    char about[THUMBPRINT_SIZE]; /* what the write tried last was about, or the delivery that is waited for */
    enum act tried;              /* the act that it was, */
    struct slots seen;           /* and what the object looked like */
    bool lost;                   /* that write was lost, */
    struct error refusal;        /* and what the directory said */
};

/* Adds an entry to report->done and an event to the history. */
void actor_note(struct actor *actor, enum act act, const char *thumbprint, bool ok, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* After another look: was a write lost although nobody has changed the object? Then the directory refuses it for good,
 * which is noted as the failure that it is. */
bool actor_was_refused(struct actor *actor);

#endif
