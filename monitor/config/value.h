/*
 * What one key's value may look like: turns texts into numbers, spans and lists by the type in the table, and says what
 * was expected where that fails. Looks at one key at a time; config_check.h looks at how they fit together.
 */
#ifndef MONITOR_CONFIG_VALUE_H
#define MONITOR_CONFIG_VALUE_H

#include "monitor/config/draft.h"

/* Gives every key that the file does not set its default, then checks and parses all of them. */
void config_values_parse(struct config_draft *draft);

/* Of an address that config_values_parse accepted: has it this scheme? */
bool config_uri_has_scheme(const char *uri, const char *scheme);

/* Of the same: is its host this machine by its spelling (localhost, 127.x.x.x, [::1])? */
bool config_uri_is_loopback(const char *uri);

#endif
