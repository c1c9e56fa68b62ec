/*
 * Values of a JSON that we write. A NULL stands for "out of memory" all the way up, as in jansson itself.
 */
#ifndef MONITOR_STATE_VALUES_H
#define MONITOR_STATE_VALUES_H

#include "base/text.h"

#include <jansson.h>
#include <time.h>

/* RFC 3339; null for 0. */
json_t *values_time(time_t at);

/* null for NULL. */
json_t *values_text(const char *text);

json_t *values_strings(const struct strings *strings);

/* Adds to a list, which becomes NULL when that fails; so does a list that is NULL, and `one` is freed. */
void values_append(json_t **list, json_t *one);

#endif
