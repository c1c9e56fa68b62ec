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

void layout_add(struct layout *out, enum layout_kind kind, const char *label, const char *format, ...) {
    va_list arguments;
    char *raw = NULL;
    char *value;
    int length;

    va_start(arguments, format);
    length = vasprintf(&raw, format, arguments);
    va_end(arguments);
    if (length < 0) {
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

void layout_heading(struct layout *out, const char *title) {
    add_block(out, (struct layout_block){.kind = LAYOUT_HEADING, .label = title});
}

void layout_counts(struct layout *out, const char *label, const struct layout_counts *counts) {
    add_block(out, (struct layout_block){.kind = LAYOUT_COUNTS, .label = label, .counts = *counts});
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
