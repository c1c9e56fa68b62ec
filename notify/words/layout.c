#include "notify/words/layout.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define FIRST_SIZE 64

/* Adds a block, which takes `value`, over in any case. */
static void add_block(struct layout *out, struct layout_block block) {
    if (out->count == out->size) {
        size_t size = out->size == 0 ? FIRST_SIZE : 2 * out->size;
        struct layout_block *larger = realloc(out->blocks, size * sizeof *larger);

        if (larger == NULL) {
            out->failed = true;
            free(block.value);
            return;
        }
        out->blocks = larger;
        out->size = size;
    }
    out->blocks[out->count++] = block;
}

static void add_value(struct layout *out, enum layout_kind kind, const char *label, const char *format,
                      va_list arguments) __attribute__((format(printf, 4, 0)));

/* Adds the formatted value, printable and limited. */
static void add_value(struct layout *out, enum layout_kind kind, const char *label, const char *format,
                      va_list arguments) {
    char *raw = NULL;
    char *value;

    if (vasprintf(&raw, format, arguments) < 0) {
        out->failed = true;
        return;
    }
    value = text_printable_copy(raw, strlen(raw), LAYOUT_VALUE_MOST);
    free(raw);
    if (value == NULL)
        out->failed = true;
    else
        add_block(out, (struct layout_block){.kind = kind, .label = label, .value = value});
}

void layout_status(struct layout *out, enum layout_tone tone, const char *state, const char *format, ...) {
    va_list arguments;

    out->tone = tone;
    va_start(arguments, format);
    add_value(out, LAYOUT_STATUS, state, format, arguments);
    va_end(arguments);
}

void layout_heading(struct layout *out, const char *title) {
    add_block(out, (struct layout_block){.kind = LAYOUT_HEADING, .label = title});
}

void layout_paragraph(struct layout *out, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    add_value(out, LAYOUT_PARAGRAPH, "", format, arguments);
    va_end(arguments);
}

void layout_indented(struct layout *out, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    add_value(out, LAYOUT_INDENTED, "", format, arguments);
    va_end(arguments);
}

void layout_item(struct layout *out, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    add_value(out, LAYOUT_ITEM, "", format, arguments);
    va_end(arguments);
}

void layout_field(struct layout *out, const char *label, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    add_value(out, LAYOUT_FIELD, label, format, arguments);
    va_end(arguments);
}

void layout_counts(struct layout *out, const char *label, const struct layout_counts *counts) {
    add_block(out, (struct layout_block){.kind = LAYOUT_COUNTS, .label = label, .counts = *counts});
}

void layout_command(struct layout *out, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    add_value(out, LAYOUT_COMMAND, "", format, arguments);
    va_end(arguments);
}

void layout_timeline(struct layout *out, const struct timeline *timeline) {
    if (timeline->bar_count == 0)
        return;
    layout_heading(out, "Time line");
    out->timeline = *timeline;
    add_block(out, (struct layout_block){.kind = LAYOUT_TIMELINE, .label = ""});
}

void layout_free(struct layout *layout) {
    for (size_t i = 0; i < layout->count; i++)
        free(layout->blocks[i].value);
    free(layout->blocks);
    *layout = (struct layout){0};
}
