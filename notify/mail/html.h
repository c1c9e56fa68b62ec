/*
 * The HTML form of a message: one page for mail programs of every kind, of tables and inline styles, without scripts,
 * images or anything else from outside. A style sheet for dark rooms is there for those that read it; the colours bear
 * being inverted by those that do not. What runs out of memory shows in the text's `failed`.
 */
#ifndef NOTIFY_MAIL_HTML_H
#define NOTIFY_MAIL_HTML_H

#include "base/text.h"
#include "notify/words/layout.h"

/* The whole document. */
void html_page_add(struct text *out, const char *title, const struct layout *layout);

#endif
