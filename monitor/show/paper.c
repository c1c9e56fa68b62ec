#include "monitor/show/paper.h"

#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

struct paper_table {
    struct libscols_table *smart;
    size_t columns;
};

static const char *colour_code(enum paper_colour colour) {
    switch (colour) {
    case PAPER_PLAIN:
        return "\033[0m";
    case PAPER_BOLD:
        return "\033[1m";
    case PAPER_GREEN:
        return "\033[1;32m";
    case PAPER_YELLOW:
        return "\033[1;33m";
    case PAPER_RED:
        return "\033[1;31m";
    }
    return "";
}

void paper_colour(struct paper *paper, enum paper_colour colour, const char *text) {
    bool coloured = paper->colour && colour != PAPER_PLAIN;

    fprintf(paper->out, "%s%s%s", coloured ? colour_code(colour) : "", text, coloured ? colour_code(PAPER_PLAIN) : "");
}

void paper_title(struct paper *paper, const char *title) {
    fputc('\n', paper->out);
    paper_colour(paper, PAPER_BOLD, title);
    fputc('\n', paper->out);
}

/* Columns of UTF-8 text, one for each character: near enough for folding. */
static size_t text_width(const char *text, size_t length) {
    size_t width = 0;

    for (size_t i = 0; i < length; i++) {
        width += ((unsigned char)text[i] & 0xC0) != 0x80 ? 1 : 0;
    }
    return width;
}

/* One line of a paragraph, without its line feed. */
static void fold_line(struct paper *paper, size_t indent, const char *line, size_t length) {
    size_t column = indent;
    bool first = true;

    for (size_t at = 0; at < length;) {
        const char *space = memchr(line + at, ' ', length - at);
        size_t word = space != NULL ? (size_t)(space - (line + at)) : length - at;
        size_t width = text_width(line + at, word);

        if (word > 0) {
            if (!first && column + 1 + width > PAPER_COLUMNS) {
                fprintf(paper->out, "\n%*s", (int)indent, "");
                column = indent;
            } else if (!first) {
                fputc(' ', paper->out);
                column++;
            }
            fwrite(line + at, 1, word, paper->out);
            column += width;
            first = false;
        }
        at += word + 1;
    }
    fputc('\n', paper->out);
}

void paper_paragraph(struct paper *paper, const char *lead, const char *text) {
    size_t indent = text_width(lead, strlen(lead));

    fputs(lead, paper->out);
    for (const char *line = text;;) {
        size_t length = strcspn(line, "\n");

        fold_line(paper, indent, line, length);
        line += length;
        if (line[0] == '\0' || line[1] == '\0') {
            return;
        }
        line++;
        fprintf(paper->out, "%*s", (int)indent, "");
    }
}

struct paper_table *paper_table(struct paper *paper, const struct paper_column *columns, size_t count) {
    struct paper_table *table = calloc(1, sizeof(*table));
    bool ok = table != NULL && (table->smart = scols_new_table()) != NULL;

    /* Never a terminal's width: a thumbprint or a server's name that was cut is of no use. */
    ok = ok && scols_table_set_stream(table->smart, paper->out) == 0 &&
         scols_table_set_termforce(table->smart, SCOLS_TERMFORCE_NEVER) == 0;
    for (size_t i = 0; ok && i < count; i++) {
        ok = scols_table_new_column(table->smart, columns[i].name, 0, columns[i].right ? SCOLS_FL_RIGHT : 0) != NULL;
    }
    if (!ok) {
        paper->failed = true;
        paper_table_end(paper, table);
        return NULL;
    }
    table->columns = count;
    return table;
}

void paper_row(struct paper *paper, struct paper_table *table, const char *const *cells) {
    struct libscols_line *line = table != NULL ? scols_table_new_line(table->smart, NULL) : NULL;

    if (line == NULL) {
        paper->failed = true;
        return;
    }
    for (size_t i = 0; i < table->columns; i++) {
        if (scols_line_set_data(line, i, cells[i]) != 0) {
            paper->failed = true;
        }
    }
}

void paper_table_end(struct paper *paper, struct paper_table *table) {
    if (table == NULL) {
        return;
    }
    if (table->smart != NULL && scols_table_get_nlines(table->smart) > 0 && scols_print_table(table->smart) != 0) {
        paper->failed = true;
    }
    scols_unref_table(table->smart);
    free(table);
}

bool paper_end(struct paper *paper) {
    return fflush(paper->out) == 0 && !ferror(paper->out) && !paper->failed;
}
