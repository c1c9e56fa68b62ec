/*
 * The report page's sections in words, each whole with its heading: what was found, what comes next, what to do, what
 * was done before.
 */
#ifndef NOTIFY_PAGE_SECTIONS_H
#define NOTIFY_PAGE_SECTIONS_H

#include "base/text.h"
#include "notify/page/source.h"

void sections_add_findings(struct text *out, const struct report *report);
/* Nothing where no tenant of Entra needs the key. */
void sections_add_entra(struct text *out, const struct report *report);
void sections_add_due(struct text *out, const struct report *report);
void sections_add_advice(struct text *out, const struct page_source *source);
void sections_add_history(struct text *out, const struct page_source *source);

#endif
