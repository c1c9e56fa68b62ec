/*
 * What a date that comes means, in a few words: the same ones in every form of telling. Pure wording.
 */
#ifndef NOTIFY_WORDS_CALENDAR_H
#define NOTIFY_WORDS_CALENDAR_H

#include "core/report.h"

#include <stdbool.h>

/* A sentence without its full stop; `over`: the date has passed. Static. */
const char *calendar_due(enum due_what what, bool over);

#endif
