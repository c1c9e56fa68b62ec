/*
 * The time line drawn with table cells, which every mail program shows: a bar for each certificate, cut by a line for
 * today, and below them the dated points at their places, in words. Colours and sizes stand in the cells themselves.
 */
#ifndef NOTIFY_MAIL_TIMELINE_H
#define NOTIFY_MAIL_TIMELINE_H

#include "base/text.h"
#include "notify/words/timeline.h"

void html_timeline_add(struct text *out, const struct timeline *timeline);

#endif
