/*
 * What a run sets down just before it writes to the directory, so that the next one can tell of it when this one is cut
 * off between the write and the message; the answers of the delivery before it become durable with it. It is never a
 * plan: nothing is done because of it, it is only told, and only where the directory shows it.
 */
#ifndef MONITOR_ACT_BEGUN_WRITE_H
#define MONITOR_ACT_BEGUN_WRITE_H

#include "core/change.h"
#include "core/report.h"
#include "monitor/act/actor.h"

/* Sets the write down and saves the history. Where that fails the write goes on, for losing this costs a message only:
 * the reason is added to actor->troubles. Nothing is set down in a dry run. */
void begun_write_note(struct actor *actor, enum act act, const char *thumbprint, const struct desired *desired);

/* The directory has confirmed the write set down last; or someone else was faster, and it is none. What came of one
 * that failed without an answer, the next run sees. */
void begun_write_done(struct history *history);
void begun_write_lost(struct history *history);

/* What was confirmed was told, or there is nobody to tell. */
void begun_write_told(struct history *history);

/* After the first look of a run: what an earlier one began, and had confirmed or the directory shows, is noted as done
 * now. */
void begun_write_recollect(struct actor *actor);

#endif
