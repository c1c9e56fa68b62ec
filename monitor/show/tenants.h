/*
 * The part of the text page about Entra: what each tenant says of the keys.
 */
#ifndef MONITOR_SHOW_TENANTS_H
#define MONITOR_SHOW_TENANTS_H

#include "core/report.h"
#include "monitor/show/text_page.h"

/* Nothing where no tenant needs the key. */
void show_tenants(struct text_page *page, const struct report *report);

#endif
