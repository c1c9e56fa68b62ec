/*
 * The report page's section of the three slots, with what is known of their certificates.
 */
#ifndef NOTIFY_PAGE_SLOTS_H
#define NOTIFY_PAGE_SLOTS_H

#include "base/text.h"
#include "core/report.h"

void page_slots_add(struct text *out, const struct report *report);

#endif
