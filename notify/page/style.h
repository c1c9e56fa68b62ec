/*
 * How the report page looks: its style sheet, which loads nothing. Light, dark, narrow and on paper.
 */
#ifndef NOTIFY_PAGE_STYLE_H
#define NOTIFY_PAGE_STYLE_H

/* In parts; NULL ends them. */
extern const char *const page_style[];

#endif
