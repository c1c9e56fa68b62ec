/*
 * The sections of the report page, each whole with its heading. Private to the page.
 */
#ifndef NOTIFY_PAGE_PARTS_H
#define NOTIFY_PAGE_PARTS_H

#include "base/text.h"
#include "notify/page/page.h"

/* The three slots with what is known of their certificates. */
void page_slots_add(struct text *out, const struct report *report);

/* The Exchange servers by site, with what they hold. */
void page_servers_add(struct text *out, const struct facts *facts);

/* What was found, what comes next, what to do, what was done before. */
void page_findings_add(struct text *out, const struct report *report);
void page_due_add(struct text *out, const struct report *report);
void page_advice_add(struct text *out, const struct page_source *source);
void page_history_add(struct text *out, const struct page_source *source);

#endif
