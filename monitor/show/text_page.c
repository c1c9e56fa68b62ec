#include "monitor/show/text_page.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <libsmartcols.h>

#define COLUMNS_LEAST 40
#define COLUMNS_MOST 160 /* longer lines are hard to read */

struct text_page_table {
    struct libscols_table *smart;
    size_t columns;
};

static const char *colour_code(enum text_page_colour colour) {
    switch (colour) {
    case TEXT_PAGE_PLAIN:
        return "\033[0m";
    case TEXT_PAGE_BOLD:
        return "\033[1m";
    case TEXT_PAGE_GREEN:
        return "\033[1;32m";
    case TEXT_PAGE_YELLOW:
        return "\033[1;33m";
    case TEXT_PAGE_RED:
        return "\033[1;31m";
    case TEXT_PAGE_GREY:
        return "\033[1;90m";
    }
    return "";
}

void text_page_colour(struct text_page *page, enum text_page_colour colour, const char *text) {
    bool coloured = page->colour && colour != TEXT_PAGE_PLAIN;

    fprintf(page->out, "%s%s%s", coloured ? colour_code(colour) : "", text,
            coloured ? colour_code(TEXT_PAGE_PLAIN) : "");
}

void text_page_title(struct text_page *page, const char *title) {
    fputc('\n', page->out);
    text_page_colour(page, TEXT_PAGE_BOLD, title);
    fputc('\n', page->out);
}

/* Columns of UTF-8 text, one for each character: near enough for folding. */
static size_t text_width(const char *text, size_t length) {
    size_t width = 0;

    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80 ? 1 : 0;
    return width;
}

size_t text_page_width(FILE *out) {
    struct winsize size;
    int descriptor = fileno(out);

    if (descriptor < 0 || ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return TEXT_PAGE_COLUMNS;
    return size.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST : size.ws_col > COLUMNS_MOST ? COLUMNS_MOST : size.ws_col;
}

/* One line of a paragraph, without its line feed. */
static void fold_line(struct text_page *page, size_t indent, const char *line, size_t length) {
    const size_t columns = page->columns != 0 ? page->columns : TEXT_PAGE_COLUMNS;
    size_t column = indent;
    bool first = true;

    for (size_t at = 0; at < length;) {
        const char *space = memchr(line + at, ' ', length - at);
        size_t word = space != NULL ? (size_t)(space - (line + at)) : length - at;
        size_t width = text_width(line + at, word);

        if (word > 0) {
            if (!first && column + 1 + width > columns) {
                fprintf(page->out, "\n%*s", (int)indent, "");
                column = indent;
            } else if (!first) {
                fputc(' ', page->out);
                column++;
            }
            fwrite(line + at, 1, word, page->out);
            column += width;
            first = false;
        }
        at += word + 1;
    }
    fputc('\n', page->out);
}

void text_page_paragraph(struct text_page *page, const char *lead, const char *text) {
    size_t indent = text_width(lead, strlen(lead));

    fputs(lead, page->out);
    for (const char *line = text;;) {
        size_t length = strcspn(line, "\n");

        fold_line(page, indent, line, length);
        line += length;
        if (line[0] == '\0' || line[1] == '\0')
            return;
        line++;
        fprintf(page->out, "%*s", (int)indent, "");
    }
}

struct text_page_table *text_page_table(struct text_page *page, const struct text_page_column *columns, size_t count) {
    struct text_page_table *table = calloc(1, sizeof(*table));
    bool ok = table != NULL && (table->smart = scols_new_table()) != NULL;

    /* Never a terminal's width: a thumbprint or a server's name that was cut is of no use. */
    ok = ok && scols_table_set_stream(table->smart, page->out) == 0 &&
         scols_table_set_termforce(table->smart, SCOLS_TERMFORCE_NEVER) == 0;
    for (size_t i = 0; ok && i < count; i++)
        ok = scols_table_new_column(table->smart, columns[i].name, 0, columns[i].right ? SCOLS_FL_RIGHT : 0) != NULL;
    if (!ok) {
        page->failed = true;
        text_page_table_end(page, table);
        return NULL;
    }
    table->columns = count;
    return table;
}

void text_page_row(struct text_page *page, struct text_page_table *table, const char *const *cells) {
    struct libscols_line *line = table != NULL ? scols_table_new_line(table->smart, NULL) : NULL;

    if (line == NULL) {
        page->failed = true;
        return;
    }
    for (size_t i = 0; i < table->columns; i++)
        if (scols_line_set_data(line, i, cells[i]) != 0)
            page->failed = true;
}

void text_page_table_end(struct text_page *page, struct text_page_table *table) {
    if (table == NULL)
        return;
    if (table->smart != NULL && scols_table_get_nlines(table->smart) > 0 && scols_print_table(table->smart) != 0)
        page->failed = true;
    scols_unref_table(table->smart);
    free(table);
}

bool text_page_end(struct text_page *page) {
    return fflush(page->out) == 0 && !ferror(page->out) && !page->failed;
}
