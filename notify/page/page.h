/*
 * The report page: one self-contained HTML document for people who would rather look. It has no script and loads
 * nothing, is readable on a phone and on paper, in light and dark. Every string in it goes through html_text once.
 * Pure wording: nothing is read, judged or written here. What runs out of memory shows in the text's `failed`.
 */
#ifndef NOTIFY_PAGE_PAGE_H
#define NOTIFY_PAGE_PAGE_H

#include "core/occasion.h"
#include "core/report.h"
#include "base/text.h"
#include "notify/mail/mail.h"

#include <stddef.h>
#include <time.h>

/* How every page begins: by it a file is known as one. */
#define PAGE_BEGIN "<!DOCTYPE html>\n<html lang=\"en\" data-by=\"authcert\">\n"

/* Something that an earlier run did, saw or told. */
struct page_event {
    time_t at;
    const char *kind;
    const char *text;
};

/* Everything is borrowed. */
struct page_source {
    const struct mail_sender *sender;
    const struct report *report;
    const struct occasion *occasion; /* what earlier runs knew */
    const struct page_event *events; /* oldest first */
    size_t event_count;
};

void page_add(struct text *out, const struct page_source *source);

#endif
