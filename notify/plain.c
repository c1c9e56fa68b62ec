#include "notify/plain.h"

#include <string.h>

#include "base/time.h"

#define LABEL_WIDTH 14
#define ITEM_INDENT 2
#define COMMAND_INDENT 4

/* Columns that `length` bytes of UTF-8 take, one per character. */
static size_t columns(const char *value, size_t length) {
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        if (((unsigned char)value[i] & 0xC0) != 0x80)
            count++;
    return count;
}

/* Adds the words of `value` from column `column` on; later lines begin behind `indent` spaces. */
static void add_wrapped(struct text *out, size_t column, int indent, const char *value) {
    bool first = true;

    while (*value) {
        size_t length = strcspn(value, " ");
        size_t width = columns(value, length);

        if (!first && column + 1 + width > PLAIN_WIDTH) {
            text_format(out, "\n%*s", indent, "");
            column = (size_t)indent;
        } else if (!first) {
            text_add(out, " ");
            column++;
        }
        text_add_bytes(out, value, length);
        column += width;
        first = false;
        value += length;
        value += strspn(value, " ");
    }
    text_add(out, "\n");
}

static void add_status(struct text *out, const struct layout_block *block) {
    text_format(out, "%s: ", block->label);
    add_wrapped(out, strlen(block->label) + 2, 0, block->value);
}

static void add_counts(struct text *out, const struct layout_block *block) {
    const struct layout_counts *counts = &block->counts;

    text_format(out, "%*s%s: present %zu, missing %zu, unreachable %zu, unknown %zu\n", LABEL_WIDTH, "", block->label,
                counts->present, counts->missing, counts->unreachable, counts->unknown);
}

/* Its dated points: a drawing of characters would survive no proportional font. */
static void add_timeline(struct text *out, const struct timeline *timeline) {
    char date[TIME_TEXT_SIZE];

    for (size_t i = 0; i < timeline->mark_count; i++) {
        const struct timeline_mark *mark = &timeline->marks[i];

        text_format(out, "  %-12s%s%s\n", time_format_date(date, mark->at), timeline_words(timeline, mark),
                    mark->what == TIMELINE_TODAY ? " <--" : "");
    }
}

static void add_block(struct text *out, const struct layout *layout, const struct layout_block *block) {
    switch (block->kind) {
    case LAYOUT_STATUS:
        add_status(out, block);
        return;
    case LAYOUT_HEADING:
        text_format(out, "\n== %s ==\n", block->label);
        return;
    case LAYOUT_PARAGRAPH:
        add_wrapped(out, 0, 0, block->value);
        return;
    case LAYOUT_INDENTED:
        text_format(out, "%*s", COMMAND_INDENT, "");
        add_wrapped(out, COMMAND_INDENT, COMMAND_INDENT, block->value);
        return;
    case LAYOUT_ITEM:
        text_format(out, "%*s- ", ITEM_INDENT, "");
        add_wrapped(out, ITEM_INDENT + 2, ITEM_INDENT + 2, block->value);
        return;
    case LAYOUT_FIELD:
        text_format(out, "%-*s", LABEL_WIDTH, block->label);
        add_wrapped(out, LABEL_WIDTH, LABEL_WIDTH, block->value);
        return;
    case LAYOUT_COUNTS:
        add_counts(out, block);
        return;
    case LAYOUT_COMMAND:
        text_format(out, "%*s%s\n", COMMAND_INDENT, "", block->value);
        return;
    case LAYOUT_TIMELINE:
        add_timeline(out, &layout->timeline);
        return;
    }
}

/* Fields that follow words stand apart from them. */
static bool parts(enum layout_kind before, enum layout_kind kind) {
    return kind == LAYOUT_FIELD && (before == LAYOUT_STATUS || before == LAYOUT_PARAGRAPH || before == LAYOUT_COMMAND);
}

void plain_add(struct text *out, const struct layout *layout) {
    out->failed = out->failed || layout->failed;
    for (size_t i = 0; i < layout->count; i++) {
        if (i > 0 && parts(layout->blocks[i - 1].kind, layout->blocks[i].kind))
            text_add(out, "\n");
        add_block(out, layout, &layout->blocks[i]);
    }
}
