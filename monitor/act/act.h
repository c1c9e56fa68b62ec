/*
 * Carries out one act through the ports: makes or takes a key pair, has it delivered, writes one change. Every act is
 * idempotent and shows in the facts of the next look, so a crash between any two steps is mended by the next run. What
 * was done is added to the report.
 */
#ifndef MONITOR_ACT_ACT_H
#define MONITOR_ACT_ACT_H

#include "core/change.h"
#include "core/report.h"
#include "monitor/act/actor.h"

#include <time.h>

enum act_result {
    ACT_RESULT_DONE,  /* look again: it has to show */
    ACT_RESULT_SHOWN, /* in a dry run: nothing was changed */
    ACT_RESULT_LOST,  /* someone else was faster: look again */
    ACT_RESULT_WAITS, /* an admin has to deliver and confirm first */
    ACT_RESULT_FAILED /* report->done says why */
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

#endif
