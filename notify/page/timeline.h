/*
 * The time line of the report page, as inline SVG: drawn once for wide windows and paper and once for phones, where
 * letters would else be too small to read. The style sheet shows one of them.
 */
#ifndef NOTIFY_PAGE_TIMELINE_H
#define NOTIFY_PAGE_TIMELINE_H

#include "base/text.h"
#include "notify/words/timeline.h"

/* A <figure>; nothing when there is nothing to draw. `thumbprints` are those of the slots, "" where one is not known.
 */
void page_timeline_add(struct text *out, const struct timeline *timeline, const char *const thumbprints[SLOT_COUNT]);

#endif
