/*
 * What a message is made of, before it takes a form: a status, headings, paragraphs, items, labelled fields, commands
 * and the time line, in order. Whoever words a message adds to it once; plain.h and html.h give it its two forms. Every
 * value passes through here and is made printable and limited. Owns what it holds; free with layout_free. What runs out
 * of memory shows in `failed`.
 */
#ifndef NOTIFY_WORDS_LAYOUT_H
#define NOTIFY_WORDS_LAYOUT_H

#include "notify/words/timeline.h"

#include <stdbool.h>
#include <stddef.h>

#define LAYOUT_VALUE_MOST 1000 /* bytes of one paragraph, field or command */

/* How a message looks at first sight. */
enum layout_tone { LAYOUT_GOOD, LAYOUT_WARNING, LAYOUT_BAD, LAYOUT_NEUTRAL };

enum layout_kind {
    LAYOUT_STATUS,    /* label: the state's word; value: the headline */
    LAYOUT_HEADING,   /* label */
    LAYOUT_PARAGRAPH, /* value */
    LAYOUT_INDENTED,  /* a paragraph that hangs below the one before */
    LAYOUT_ITEM,      /* value, one of a list */
    LAYOUT_FIELD,     /* label ("" = the field before goes on) and value */
    LAYOUT_COUNTS,    /* label and counts; a line of the field before */
    LAYOUT_COMMAND,   /* value, to be copied whole */
    LAYOUT_TIMELINE   /* the layout's time line */
};

/* How many servers; the names of the four are theirs. */
struct layout_counts {
    size_t present;
    size_t missing;
    size_t unreachable;
    size_t unknown;
};

struct layout_block {
    enum layout_kind kind;
    const char *label; /* static */
    char *value;       /* printable; NULL where there is none */
    struct layout_counts counts;
};

struct layout {
    struct layout_block *blocks;
    size_t count;
    size_t size;
    enum layout_tone tone;
    struct timeline timeline;
    bool failed;
};

/* A block with a formatted value, which becomes printable and limited. */
void layout_add(struct layout *out, enum layout_kind kind, const char *label, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define layout_paragraph(out, ...) layout_add(out, LAYOUT_PARAGRAPH, "", __VA_ARGS__)
#define layout_indented(out, ...) layout_add(out, LAYOUT_INDENTED, "", __VA_ARGS__)
#define layout_item(out, ...) layout_add(out, LAYOUT_ITEM, "", __VA_ARGS__)
#define layout_field(out, label, ...) layout_add(out, LAYOUT_FIELD, label, __VA_ARGS__)
#define layout_command(out, ...) layout_add(out, LAYOUT_COMMAND, "", __VA_ARGS__)

/* The state's word and the headline; at most once. */
#define layout_status(out, look, state, ...) ((out)->tone = (look), layout_add(out, LAYOUT_STATUS, state, __VA_ARGS__))

void layout_heading(struct layout *out, const char *title);
void layout_counts(struct layout *out, const char *label, const struct layout_counts *counts);

/* A heading and the time line; nothing when there is nothing to draw. At most once. */
void layout_timeline(struct layout *out, const struct timeline *timeline);

void layout_free(struct layout *layout);

#endif
