#include "notify/webhook/card.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLACK_HEADER_MOST 148   /* of 150 characters that a header may have */
#define SLACK_SECTION_MOST 2700 /* of 3000 that a section's text may have */
#define SLACK_LINE_MOST 500     /* bytes of one line, which escaping makes up to five times longer */
#define SLACK_SECTIONS_MOST 40  /* of 50 blocks that a message may have */

static bool begins(const char *subject, const char *word) {
    return strncmp(subject, word, strlen(word)) == 0;
}

/* The colour of the status line, by the subject's first word. */
static const char *teams_style(const char *subject) {
    if (begins(subject, "CRITICAL") || begins(subject, "FAILED"))
        return "attention";
    if (begins(subject, "WARNING") || begins(subject, "BLOCKED"))
        return "warning";
    if (begins(subject, "OK") || begins(subject, "DONE") || begins(subject, "RECOVERED"))
        return "good";
    return "emphasis"; /* grey, as in a mail */
}

/* A line of text runs: `lead` in bold, then `text`. */
static json_t *teams_line(const char *lead, const char *text, bool command) {
    json_t *runs = json_array();
    bool ok = runs != NULL;

    if (lead[0] != '\0')
        ok = ok && json_array_append_new(
                       runs, json_pack("{s:s, s:s, s:s}", "type", "TextRun", "text", lead, "weight", "Bolder")) == 0;
    if (text[0] != '\0')
        ok = ok && json_array_append_new(runs, json_pack("{s:s, s:s, s:s}", "type", "TextRun", "text", text, "fontType",
                                                         command ? "Monospace" : "Default")) == 0;
    if (!ok) {
        json_decref(runs);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:o}", "type", "RichTextBlock", "spacing", "Small", "inlines", runs);
}

static json_t *teams_block(const struct layout_block *block) {
    struct text lead = {0};
    json_t *line = NULL;

    switch (block->kind) {
    case LAYOUT_HEADING:
        line = teams_line(block->label, "", false);
        if (line != NULL)
            json_object_set_new(line, "spacing", json_string("Medium"));
        return line;
    case LAYOUT_FIELD:
        text_format(&lead, "%s%s", block->label, block->label[0] != '\0' ? ": " : "");
        line = lead.failed ? NULL : teams_line(lead.value != NULL ? lead.value : "", block->value, false);
        text_free(&lead);
        return line;
    case LAYOUT_ITEM:
        return teams_line("\xE2\x80\xA2 ", block->value, false);
    case LAYOUT_COMMAND:
        return teams_line("", block->value, true);
    case LAYOUT_STATUS:
    case LAYOUT_PARAGRAPH:
    case LAYOUT_INDENTED:
    case LAYOUT_COUNTS:
    case LAYOUT_TIMELINE:
        break;
    }
    return teams_line("", block->value != NULL ? block->value : "", false);
}

json_t *webhook_teams(const struct webhook_note *note) {
    json_t *body = json_array();
    bool ok = json_array_append_new(body, json_pack("{s:s, s:s, s:b, s:[{s:s, s:[{s:s, s:s, s:s, s:s}]}]}", "type",
                                                    "Container", "style", teams_style(note->subject), "bleed", 1,
                                                    "items", "type", "RichTextBlock", "inlines", "type", "TextRun",
                                                    "text", note->subject, "weight", "Bolder", "size", "Medium")) == 0;

    for (size_t i = 0; i < note->layout.count && ok; i++)
        ok = json_array_append_new(body, teams_block(&note->layout.blocks[i])) == 0;
    ok = ok && json_array_append_new(body, json_pack("{s:s, s:s, s:[{s:s, s:s, s:s, s:b}]}", "type", "RichTextBlock",
                                                     "spacing", "Medium", "inlines", "type", "TextRun", "text",
                                                     note->origin, "size", "Small", "isSubtle", 1)) == 0;
    if (!ok) {
        json_decref(body);
        return NULL;
    }
    return json_pack("{s:s, s:[{s:s, s:n, s:{s:s, s:s, s:s, s:{s:s}, s:o}}]}", "type", "message", "attachments",
                     "contentType", "application/vnd.microsoft.card.adaptive", "contentUrl", "content", "$schema",
                     "http://adaptivecards.io/schemas/adaptive-card.json", "type", "AdaptiveCard", "version", "1.4",
                     "msteams", "width", "Full", "body", body);
}

/* Slack takes a link or a mention only between `<` and `>`. */
static void slack_escape(struct text *out, const char *value, size_t most) {
    char *limited = text_printable_copy(value, strlen(value), most);

    if (limited == NULL) {
        out->failed = true;
        return;
    }
    for (const char *p = limited; *p != '\0'; p++) {
        if (*p == '&')
            text_add(out, "&amp;");
        else if (*p == '<')
            text_add(out, "&lt;");
        else if (*p == '>')
            text_add(out, "&gt;");
        else
            text_add_bytes(out, p, 1);
    }
    free(limited);
}

/* Makes a section of the text, if there is any, and begins anew. */
static bool slack_section(json_t *blocks, struct text *text) {
    bool ok = true;

    if (text->failed)
        return false;
    if (text->length > 0 && json_array_size(blocks) <= SLACK_SECTIONS_MOST)
        ok = json_array_append_new(blocks, json_pack("{s:s, s:{s:s, s:s, s:b}}", "type", "section", "text", "type",
                                                     "mrkdwn", "text", text->value, "verbatim", 1)) == 0;
    text_free(text);
    return ok;
}

/* One line of a section, escaped. */
static void slack_line(struct text *line, const struct layout_block *block) {
    const char *value = block->value != NULL ? block->value : "";

    switch (block->kind) {
    case LAYOUT_HEADING:
        text_add(line, "*");
        slack_escape(line, block->label, SLACK_LINE_MOST);
        text_add(line, "*\n");
        return;
    case LAYOUT_FIELD:
        text_format(line, "%s%s%s", block->label[0] != '\0' ? "*" : "", block->label,
                    block->label[0] != '\0' ? ":* " : "");
        break;
    case LAYOUT_ITEM:
        text_add(line, "\xE2\x80\xA2 ");
        break;
    case LAYOUT_COMMAND:
        text_add(line, "```");
        slack_escape(line, value, SLACK_LINE_MOST);
        text_add(line, "```\n");
        return;
    case LAYOUT_STATUS:
    case LAYOUT_PARAGRAPH:
    case LAYOUT_INDENTED:
    case LAYOUT_COUNTS:
    case LAYOUT_TIMELINE:
        break;
    }
    slack_escape(line, value, SLACK_LINE_MOST);
    text_add(line, "\n");
}

/* Adds the block to the section, which is ended first where it is full or a heading begins another. */
static bool slack_block(json_t *blocks, struct text *section, const struct layout_block *block) {
    struct text line = {0};
    bool ok;

    slack_line(&line, block);
    ok = !line.failed;
    if (ok && (block->kind == LAYOUT_HEADING || section->length + line.length > SLACK_SECTION_MOST))
        ok = slack_section(blocks, section);
    if (ok)
        text_add_bytes(section, line.value, line.length);
    text_free(&line);
    return ok;
}

json_t *webhook_slack(const struct webhook_note *note) {
    json_t *blocks = json_array();
    struct text section = {0}, subject = {0}, origin = {0};
    char header[SLACK_HEADER_MOST];
    json_t *whole = NULL;
    bool ok;

    (void)text_printable(header, sizeof header, note->subject, strlen(note->subject));
    slack_escape(&subject, note->subject, SLACK_LINE_MOST);
    slack_escape(&origin, note->origin, SLACK_LINE_MOST);
    ok = !subject.failed && !origin.failed &&
         json_array_append_new(blocks, json_pack("{s:s, s:{s:s, s:s, s:b}}", "type", "header", "text", "type",
                                                 "plain_text", "text", header, "emoji", 0)) == 0;
    for (size_t i = 0; i < note->layout.count && ok; i++)
        ok = slack_block(blocks, &section, &note->layout.blocks[i]);
    ok = ok && slack_section(blocks, &section) &&
         json_array_append_new(blocks, json_pack("{s:s, s:[{s:s, s:s, s:b}]}", "type", "context", "elements", "type",
                                                 "mrkdwn", "text", origin.value, "verbatim", 1)) == 0;
    if (ok) {
        whole = json_pack("{s:s, s:o}", "text", subject.value, "blocks", blocks);
        blocks = NULL;
    }
    json_decref(blocks);
    text_free(&section);
    text_free(&subject);
    text_free(&origin);
    return whole;
}
