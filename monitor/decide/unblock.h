/*
 * What an admin does about a blocked act, in one text. Pure words; commands contain only thumbprints, dates and
 * validated host names.
 */
#ifndef MONITOR_DECIDE_UNBLOCK_H
#define MONITOR_DECIDE_UNBLOCK_H

#include "core/report.h"

/* The text for report->decision.blocked, in new memory; NULL when out of memory. */
char *unblock_text(const struct report *report);

#endif
