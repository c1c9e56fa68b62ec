/*
 * What a report page is made of: plain data, all of it borrowed.
 */
#ifndef NOTIFY_PAGE_SOURCE_H
#define NOTIFY_PAGE_SOURCE_H

#include "core/occasion.h"
#include "core/report.h"
#include "notify/words/speaker.h"

#include <stddef.h>
#include <time.h>

/* Something that an earlier run did, saw or told. */
struct page_event {
    time_t at;
    const char *kind;
    const char *text;
};

struct page_source {
    const struct speaker *speaker;
    const struct report *report;
    const struct occasion *occasion; /* what earlier runs knew */
    const struct page_event *events; /* oldest first */
    size_t event_count;
};

#endif
