/*
 * What the tests of the configuration share: texts that must be accepted or refused, with the program's own words when
 * one is not. Every text is parsed under the name t.conf.
 */
#ifndef TESTS_MONITOR_CONFIG_BED_H
#define TESTS_MONITOR_CONFIG_BED_H

#include <stdbool.h>
#include <stddef.h>

#include "monitor/config/config.h"

#define GOOD "[directory]\nuri = ldaps://dc1.contoso.test\nbind = anonymous\n" /* lines 1 to 3 */

/* Parses what must be accepted. The caller frees it. */
struct config config_accept(const char *text);

/* Parses what must be refused with exactly `count` errors, the first of which begins with `first`. */
void config_refuse(const char *text, size_t count, const char *first);
void config_refuse_bytes(const char *text, size_t length, size_t count, const char *first);

/* Has the configuration a warning with this part? */
bool config_warned(const struct config *config, const char *part);

void config_errors_print(const struct strings *errors);

#endif
