/*
 * Text as HTML: the one place where what was read from outside becomes part of a page, in mails and in the report.
 */
#ifndef NOTIFY_HTML_H
#define NOTIFY_HTML_H

#include "base/text.h"

/* Any value as HTML text, also for a quoted attribute: printable (text_printable), and no character of it is markup.
 * What runs out of memory shows in the text's `failed`. */
void html_text(struct text *out, const char *value);

#endif
