/*
 * A page of plain text for a terminal or a file: headings, paragraphs folded at the width of the terminal, tables. Text
 * given to it is printable already. Trouble (memory, the stream) is remembered and told once, by text_page_end.
 */
#ifndef MONITOR_SHOW_TEXT_PAGE_H
#define MONITOR_SHOW_TEXT_PAGE_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT_PAGE_COLUMNS 80 /* where it is no terminal */
#define TEXT_PAGE_CELLS_MOST 8

struct text_page {
    FILE *out;
    bool colour; /* escape sequences may be used */
    bool failed;
    size_t columns; /* paragraphs are folded at; 0 = TEXT_PAGE_COLUMNS */
};

/* The width of the terminal that the stream is, 40 to 160; TEXT_PAGE_COLUMNS where it is none, or does not tell. */
size_t text_page_width(FILE *out);

enum text_page_colour {
    TEXT_PAGE_PLAIN,
    TEXT_PAGE_BOLD,
    TEXT_PAGE_GREEN,
    TEXT_PAGE_YELLOW,
    TEXT_PAGE_RED,
    TEXT_PAGE_GREY
};

/* Writes `text` in a colour, where the page has any; no line end. */
void text_page_colour(struct text_page *page, enum text_page_colour colour, const char *text);

/* An empty line and a heading. */
void text_page_title(struct text_page *page, const char *title);

/* "LEADtext", folded at spaces; the following lines are indented by the width of `lead`. Words longer than a line stay
 * whole, a line feed in the text is kept. */
void text_page_paragraph(struct text_page *page, const char *lead, const char *text);

/* A column's name, and whether its cells stand to the right. */
struct text_page_column {
    const char *name;
    bool right;
};

struct text_page_table;

/* An empty table of at most TEXT_PAGE_CELLS_MOST columns; NULL (remembered as trouble) when out of memory. The other
 * functions accept NULL. */
struct text_page_table *text_page_table(struct text_page *page, const struct text_page_column *columns, size_t count);

/* Adds a row with a cell for each column; the texts are copied. */
void text_page_row(struct text_page *page, struct text_page_table *table, const char *const *cells);

/* Prints the table, unless it has no row, and frees it. */
void text_page_table_end(struct text_page *page, struct text_page_table *table);

/* True when everything so far was written. */
bool text_page_end(struct text_page *page) MUST_CHECK;

#endif
