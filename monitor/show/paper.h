/*
 * A page of plain text for a terminal or a file: headings, paragraphs folded at 80 columns, tables. Text given to it is
 * printable already. Trouble (memory, the stream) is remembered and told once, by paper_end.
 */
#ifndef MONITOR_SHOW_PAPER_H
#define MONITOR_SHOW_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define PAPER_COLUMNS 80
#define PAPER_CELLS_MOST 8

struct paper {
    FILE *out;
    bool colour; /* escape sequences may be used */
    bool failed;
};

enum paper_colour { PAPER_PLAIN, PAPER_BOLD, PAPER_GREEN, PAPER_YELLOW, PAPER_RED };

/* Writes `text` in a colour, where the paper has any; no line end. */
void paper_colour(struct paper *paper, enum paper_colour colour, const char *text);

/* An empty line and a heading. */
void paper_title(struct paper *paper, const char *title);

/* "LEADtext", folded at spaces; the following lines are indented by the width of `lead`. Words longer than a line stay
 * whole, a line feed in the text is kept. */
void paper_paragraph(struct paper *paper, const char *lead, const char *text);

/* A column's name, and whether its cells stand to the right. */
struct paper_column {
    const char *name;
    bool right;
};

struct paper_table;

/* An empty table of at most PAPER_CELLS_MOST columns; NULL (remembered as trouble) when out of memory. The other
 * functions accept NULL. */
struct paper_table *paper_table(struct paper *paper, const struct paper_column *columns, size_t count);

/* Adds a row with a cell for each column; the texts are copied. */
void paper_row(struct paper *paper, struct paper_table *table, const char *const *cells);

/* Prints the table, unless it has no row, and frees it. */
void paper_table_end(struct paper *paper, struct paper_table *table);

/* True when everything so far was written. */
bool paper_end(struct paper *paper) __attribute__((warn_unused_result));

#endif
