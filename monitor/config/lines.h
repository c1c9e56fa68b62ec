/*
 * The outer form of a configuration file: sections, keys and values, line by line. Knows the names of sections and keys
 * (to name the nearest one), but nothing of what a value means. Everything that is no section, no "key = value", no
 * comment and no empty line is a problem in the draft; no line is ever repeated in a problem's text, since it may hold
 * a secret.
 */
#ifndef MONITOR_CONFIG_LINES_H
#define MONITOR_CONFIG_LINES_H

#include "monitor/config/draft.h"

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_LINE_MOST 4096 /* bytes */

/* Reads `length` bytes of any content into draft->values (text and line) and draft->section_line. False when the whole
 * is no text that could be judged, which the draft says. */
bool config_lines_read(struct config_draft *draft, const char *text, size_t length);

#endif
