/*
 * The end that a run and every typed command share: the look goes into the history, what is due is told, and what was
 * told is remembered.
 */
#ifndef MONITOR_RUN_FINISH_H
#define MONITOR_RUN_FINISH_H

#include "base/error.h"
#include "monitor/look/looker.h"

#include <stdbool.h>

/* Takes the look into the history and tells what is due. `ret_told`: all that
 * was due was told, or nothing was. False only when out of memory. */
bool finish_run(struct looker *looker, bool *ret_told, struct error *err) MUST_CHECK;

#endif
