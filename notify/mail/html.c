#include "notify/mail/html.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/slots.h"
#include "notify/html.h"
#include "notify/mail/timeline.h"

#define TABLE "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\""
#define SANS "font-family:Segoe UI,Helvetica,Arial,sans-serif"
#define MONO "font-family:Consolas,Menlo,DejaVu Sans Mono,monospace"
#define BREAK "word-wrap:break-word;overflow-wrap:anywhere;word-break:break-word"
#define BODY "color:#1f2328;font-size:15px;line-height:22px"
#define OPTION_MOST 34 /* letters of an option that fit into a narrow box */
#define SOFT "color:#57606a;font-size:13px;line-height:22px"

/* Style sheets are for the dark alone: what a mail program drops of them costs no more than that. */
#define HEAD                                                                                                           \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"                                       \
    "<meta name=\"color-scheme\" content=\"light dark\">\n"                                                            \
    "<meta name=\"supported-color-schemes\" content=\"light dark\">\n"                                                 \
    "<style>\n"                                                                                                        \
    ":root { color-scheme: light dark; supported-color-schemes: light dark; }\n"                                       \
    "@media (prefers-color-scheme: dark) {\n"                                                                          \
    "  .page { background: #0d1117 !important; }\n"                                                                    \
    "  .card { background: #161b22 !important; border-color: #30363d !important; }\n"                                  \
    "  .text { color: #e6edf3 !important; }\n"                                                                         \
    "  .soft { color: #9da7b3 !important; }\n"                                                                         \
    "  .line { border-color: #30363d !important; }\n"                                                                  \
    "  .code { background: #0d1117 !important; color: #e6edf3 !important; border-color: #30363d !important; }\n"       \
    "  .good { color: #56d364 !important; }\n"                                                                         \
    "  .bad { color: #ff938a !important; }\n"                                                                          \
    "  .fair { color: #e3b341 !important; }\n"                                                                         \
    "  .now { background: #e6edf3 !important; border-color: #161b22 !important; }\n"                                   \
    "  .now-edge { border-color: #e6edf3 !important; }\n"                                                              \
    "}\n"                                                                                                              \
    "</style>\n"

/* What is open around the next block. */
enum container { OPEN_NOTHING, OPEN_LIST, OPEN_FIELDS, OPEN_CODE };

struct page {
    struct text *out;
    const struct layout *layout;
    enum container open;
};

/* A value, thumbprints in letters of equal width. */
static void add_value(struct text *out, const char *value) {
    static const char digits[] = "0123456789ABCDEF";

    while (*value != '\0') {
        size_t length = strspn(value, digits);
        const bool whole = length == THUMBPRINT_LENGTH && !isalnum((unsigned char)value[length]);
        struct text word = {0};

        if (length == 0)
            length = strcspn(value, digits);
        text_add_bytes(&word, value, length);
        out->failed = out->failed || word.failed;
        if (whole)
            text_add(out, "<span style=\"" MONO ";font-size:13px\">");
        html_text(out, word.value ? word.value : "");
        if (whole)
            text_add(out, "</span>");
        text_free(&word);
        value += length;
    }
}

static void close_container(struct page *page) {
    switch (page->open) {
    case OPEN_LIST:
        text_add(page->out, "</ul>\n");
        break;
    case OPEN_FIELDS:
    case OPEN_CODE:
        text_add(page->out, "</td></tr></table>\n");
        break;
    case OPEN_NOTHING:
        break;
    }
    page->open = OPEN_NOTHING;
}

static const char *tone_colour(enum layout_tone tone) {
    switch (tone) {
    case LAYOUT_GOOD:
        return "#1a7f37";
    case LAYOUT_WARNING:
        return "#9a6700";
    case LAYOUT_BAD:
        return "#b42318";
    case LAYOUT_NEUTRAL:
        break;
    }
    return "#57606a";
}

static void add_status(struct page *page, const struct layout_block *block) {
    const char *colour = tone_colour(page->layout->tone);

    close_container(page);
    text_add(page->out, TABLE " style=\"margin:0 0 14px\"><tr>\n");
    text_format(page->out,
                "<td bgcolor=\"%s\" style=\"background:%s;border-radius:6px;padding:12px 16px;color:#ffffff;"
                "font-size:17px;line-height:24px;" BREAK "\"><b>%s</b><br>\n",
                colour, colour, block->label);
    add_value(page->out, block->value);
    text_add(page->out, "</td></tr></table>\n");
}

static void add_heading(struct page *page, const struct layout_block *block) {
    close_container(page);
    text_format(page->out,
                "<h2 class=\"text line\" style=\"margin:20px 0 8px;padding:0 0 4px;border-bottom:1px solid #d0d7de;"
                "color:#1f2328;font-size:16px;line-height:22px;font-weight:bold\">%s</h2>\n",
                block->label);
}

static void add_paragraph(struct page *page, const struct layout_block *block) {
    close_container(page);
    text_format(page->out, "<p class=\"text\" style=\"margin:0 0 8px%s;" BODY "\">",
                block->kind == LAYOUT_INDENTED ? ";padding:0 0 0 16px" : "");
    add_value(page->out, block->value);
    text_add(page->out, "</p>\n");
}

static void add_item(struct page *page, const struct layout_block *block) {
    if (page->open != OPEN_LIST) {
        close_container(page);
        text_add(page->out, "<ul class=\"text\" style=\"margin:0 0 8px;padding:0 0 0 20px;" BODY "\">\n");
        page->open = OPEN_LIST;
    }
    text_add(page->out, "<li style=\"margin:0 0 4px\">");
    add_value(page->out, block->value);
    text_add(page->out, "</li>\n");
}

/* The cell of a field that is begun, or goes on. */
static void begin_field(struct page *page, const char *label) {
    if (page->open == OPEN_FIELDS && label[0] == '\0') {
        text_add(page->out, "<br>\n");
        return;
    }
    if (page->open == OPEN_FIELDS) {
        text_add(page->out, "</td></tr>\n");
    } else {
        close_container(page);
        text_add(page->out, TABLE " style=\"margin:0 0 8px\">\n");
    }
    text_format(page->out,
                "<tr><td width=\"96\" valign=\"top\" class=\"soft line\" style=\"width:96px;padding:4px 10px 4px 0;"
                "border-bottom:1px solid #d0d7de;" SOFT "\">%s</td>\n"
                "<td valign=\"top\" class=\"text line\" style=\"padding:4px 0;border-bottom:1px solid #d0d7de;" BODY
                "\">",
                label);
    page->open = OPEN_FIELDS;
}

static void add_field(struct page *page, const struct layout_block *block) {
    begin_field(page, block->label);
    add_value(page->out, block->value);
}

static void add_count(struct text *out, size_t count, const char *what, const char *class, const char *colour) {
    if (count == 0)
        text_format(out, "<span class=\"soft\" style=\"color:#57606a;white-space:nowrap\">%s 0</span>", what);
    else
        text_format(out, "<span class=\"%s\" style=\"color:%s;white-space:nowrap\"><b>%s %zu</b></span>", class, colour,
                    what, count);
}

static void add_counts(struct page *page, const struct layout_block *block) {
    const struct layout_counts *counts = &block->counts;

    begin_field(page, "");
    text_format(page->out, "%s: ", block->label);
    add_count(page->out, counts->present, "present", "good", "#1a7f37");
    text_add(page->out, ", ");
    add_count(page->out, counts->missing, "missing", "bad", "#b42318");
    text_add(page->out, ", ");
    add_count(page->out, counts->unreachable, "unreachable", "fair", "#9a6700");
    text_add(page->out, ", ");
    add_count(page->out, counts->unknown, "unknown", "soft", "#57606a");
}

/* A command, its options not broken behind their hyphens where a line can hold them. */
static void add_command_words(struct text *out, const char *value) {
    while (*value != '\0') {
        size_t length = strcspn(value, " ");
        const bool whole = value[0] == '-' && length < OPTION_MOST;
        struct text word = {0};

        text_add_bytes(&word, value, length);
        out->failed = out->failed || word.failed;
        text_add(out, whole ? "<span style=\"white-space:nowrap\">" : "");
        html_text(out, word.value ? word.value : "");
        text_add(out, whole ? "</span>" : "");
        for (; value[length] == ' '; length++)
            text_add(out, " ");
        text_free(&word);
        value += length;
    }
}

/* Commands that follow each other share one box, a line for each. */
static void add_command(struct page *page, const struct layout_block *block) {
    if (page->open != OPEN_CODE) {
        close_container(page);
        text_add(page->out, TABLE " style=\"margin:0 0 10px\"><tr><td bgcolor=\"#f3f4f6\" class=\"code\" "
                                  "style=\"background:#f3f4f6;border:1px solid #d0d7de;border-radius:4px;"
                                  "padding:6px 10px;color:#1f2328;" MONO ";font-size:13px;line-height:19px;"
                                  "overflow-wrap:anywhere;word-break:break-word\">\n");
        page->open = OPEN_CODE;
    }
    text_add(page->out, "<div style=\"padding:2px 0 2px 14px;text-indent:-14px\">");
    add_command_words(page->out, block->value);
    text_add(page->out, "</div>\n");
}

static void add_block(struct page *page, const struct layout_block *block) {
    switch (block->kind) {
    case LAYOUT_STATUS:
        add_status(page, block);
        return;
    case LAYOUT_HEADING:
        add_heading(page, block);
        return;
    case LAYOUT_PARAGRAPH:
    case LAYOUT_INDENTED:
        add_paragraph(page, block);
        return;
    case LAYOUT_ITEM:
        add_item(page, block);
        return;
    case LAYOUT_FIELD:
        add_field(page, block);
        return;
    case LAYOUT_COUNTS:
        add_counts(page, block);
        return;
    case LAYOUT_COMMAND:
        add_command(page, block);
        return;
    case LAYOUT_TIMELINE:
        close_container(page);
        html_timeline_add(page->out, &page->layout->timeline);
        return;
    }
}

void html_page_add(struct text *out, const char *title, const struct layout *layout) {
    struct page page = {.out = out, .layout = layout};

    out->failed = out->failed || layout->failed;
    text_add(out, "<!DOCTYPE html>\n<html lang=\"en\" dir=\"ltr\"><head>\n"
                  "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\n" HEAD "<title>");
    html_text(out, title);
    text_add(out, "</title></head>\n<body class=\"page\" style=\"margin:0;padding:0;background:#eef0f3\">\n");
    text_add(out, TABLE " bgcolor=\"#eef0f3\" class=\"page\" style=\"background:#eef0f3\"><tr>\n"
                        "<td align=\"center\" style=\"padding:12px 6px\">\n");
    /* Outlook knows no max-width. */
    text_add(out, "<!--[if mso]><table role=\"presentation\" width=\"680\"><tr><td><![endif]-->\n");
    text_add(out, TABLE
             " bgcolor=\"#ffffff\" class=\"card\" style=\"max-width:680px;background:#ffffff;border:1px solid "
             "#d0d7de;border-radius:8px;border-collapse:separate\"><tr>\n"
             "<td align=\"left\" class=\"text\" style=\"padding:14px;text-align:left;" SANS ";" BODY ";" BREAK "\">\n");
    for (size_t i = 0; i < layout->count; i++)
        add_block(&page, &layout->blocks[i]);
    close_container(&page);
    text_add(out, "</td></tr></table>\n<!--[if mso]></td></tr></table><![endif]-->\n"
                  "</td></tr></table>\n</body></html>\n");
}
