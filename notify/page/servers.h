/*
 * The report page's section of the Exchange servers by site, with what they hold.
 */
#ifndef NOTIFY_PAGE_SERVERS_H
#define NOTIFY_PAGE_SERVERS_H

#include "base/text.h"
#include "core/facts.h"

void page_servers_add(struct text *out, const struct facts *facts);

#endif
