/*
 * The report page: one self-contained HTML document for people who would rather look. It has no script and loads
 * nothing, is readable on a phone and on paper, in light and dark. Every string in it goes through html_text once.
 * Pure wording: nothing is read, judged or written here. What runs out of memory shows in the text's `failed`.
 */
#ifndef NOTIFY_PAGE_PAGE_H
#define NOTIFY_PAGE_PAGE_H

#include "base/text.h"
#include "notify/page/source.h"

/* How every page begins: by it a file is known as one. */
#define PAGE_BEGIN "<!DOCTYPE html>\n<html lang=\"en\" data-by=\"authcert\">\n"

void page_add(struct text *out, const struct page_source *source);

#endif
