/*
 * Carries out one act through the ports: makes or takes a key pair, has it delivered, writes one change. Every act is
 * idempotent and shows in the facts of the next look, so a crash between any two steps is mended by the next run. What
 * was done is added to the report.
 */
#ifndef MONITOR_ACT_ACT_H
#define MONITOR_ACT_ACT_H

#include "core/change.h"
#include "core/facts.h"
#include "core/policy.h"
#include "core/ports.h"
#include "core/report.h"
#include "base/text.h"
#include "monitor/state/history.h"

#include <stdbool.h>
#include <time.h>

enum act_result {
    ACT_RESULT_DONE,  /* look again: it has to show */
    ACT_RESULT_SHOWN, /* in a dry run: nothing was changed */
    ACT_RESULT_LOST,  /* someone else was faster: look again */
    ACT_RESULT_WAITS, /* an admin has to deliver and confirm first */
    ACT_RESULT_FAILED /* report->done says why */
};

/* What acts share in one run. Borrows everything. */
struct actor {
    const struct writer_port *writer;
    const struct keys_port *keys;
    const struct record_port *records;
    const struct shelf_port *shelf;
    const struct keeper_port *keeper;
    const struct progress_port *progress;
    const struct policy *policy;
    time_t now;
    struct history *history;
    struct facts *facts;   /* of the last look */
    struct report *report; /* about them */
    struct strings tried;  /* thumbprints whose delivery this run has tried; owned */
    struct strings *troubles;
    bool made;                   /* a key pair was made in this run: at most one is */
    char about[THUMBPRINT_SIZE]; /* what the write tried last was about, or the delivery that is waited for */
    struct error refusal;        /* what the directory said to the one that was lost */
};

/* The act of report->decision. */
enum act_result act_decided(struct actor *actor);

/* Takes the candidate or makes one, has it delivered as policy asks, and stages it with the date. */
enum act_result act_stage(struct actor *actor, time_t date);

/* Takes the candidate or makes one, has it delivered as policy asks, and proves that its key is safe here and that
 * Exchange would take it from `date` on: what goes before every write of a new thumbprint. */
enum act_result act_ready_candidate(struct actor *actor, enum act act, enum slot slot, time_t date);

/* The candidate is made current at once. */
enum act_result act_replace(struct actor *actor);

/* Delivers a slot's certificate where no server holds it. ACT_RESULT_DONE when that is not known to be so, or no more.
 */
enum act_result act_bring(struct actor *actor, enum slot slot);

/* Makes next or previous current; where no server holds it, it is delivered first. */
enum act_result act_activate(struct actor *actor, enum slot slot);

/* Runs the delivery command for what is missing of a slot. */
enum act_result act_deliver(struct actor *actor, enum slot slot);

/* The same for current and next, as far as their keys are kept here. */
enum act_result act_deliver_missing(struct actor *actor);

/* Writes the change that leads to `desired`; `thumbprint` is what the act is about. */
enum act_result act_write(struct actor *actor, enum act act, const char *thumbprint, const struct desired *desired);

/* Adds an entry to report->done and an event to the history. */
void act_note(struct actor *actor, enum act act, const char *thumbprint, bool ok, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
