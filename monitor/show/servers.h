/*
 * The Exchange servers on a page of text: each with what it holds while they are few, by site and with the names that
 * matter when they are many. Judges nothing.
 */
#ifndef MONITOR_SHOW_SERVERS_H
#define MONITOR_SHOW_SERVERS_H

#include "core/facts.h"
#include "monitor/show/text_page.h"

/* Writes the whole section with its title. `facts` were read. */
void show_servers(struct text_page *page, const struct facts *facts);

#endif
