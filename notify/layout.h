/*
 * The look of a plain-text message: headings, wrapped paragraphs, labelled fields and commands on lines of their own.
 * Every value passes through here once and is made printable and limited, so that nothing read from outside can begin a
 * line of its own. Lines end with LF and are wrapped at LAYOUT_WIDTH columns, commands excepted. What runs out of
 * memory shows in the text's `failed`.
 */
#ifndef NOTIFY_LAYOUT_H
#define NOTIFY_LAYOUT_H

#include "core/text.h"

#define LAYOUT_WIDTH 76
#define LAYOUT_VALUE_MOST 1000 /* bytes of one paragraph, field or command */

/* An empty line and a title. */
void layout_heading(struct text *out, const char *title);

/* One paragraph, each line behind `indent` spaces. */
void layout_paragraph(struct text *out, int indent, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same behind "- ". */
void layout_item(struct text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "Label          value", the value's later lines below its first. */
void layout_field(struct text *out, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A command to copy: indented, never wrapped. */
void layout_command(struct text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
