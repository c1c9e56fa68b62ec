#include "notify/page/sections.h"

#include "notify/words/advice.h"
#include "notify/words/calendar.h"
#include "notify/words/entra/entra.h"
#include "notify/words/timeline.h"
#include "notify/page/markup.h"

#define HISTORY_SHOWN 200

static void add_items(struct text *out, const struct remarks *list) {
    for (size_t i = 0; i < list->count; i++)
        markup_add(out, "<li>%s</li>\n", list->items[i].text);
}

void sections_add_findings(struct text *out, const struct report *report) {
    const struct decision *decision = &report->decision;

    markup_section(out, "findings", decision->status == STATUS_OK ? "What was found" : "Problems");
    text_add(out, "<ul>\n");
    add_items(out, &report->reasons);
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        for (size_t i = 0; i < report->problems[slot].count; i++)
            markup_add(out, "<li>%s: %s</li>\n", timeline_slot_words((enum slot)slot), report->problems[slot].items[i]);
    text_add(out, "</ul>\n");
    markup_add(out, "<p>Decision: <strong>%s</strong>", row_name(decision->row));
    if (decision->blocked != BLOCK_NONE)
        markup_add(out, ", blocked. %s", report->how_to_unblock != NULL ? report->how_to_unblock : "");
    text_add(out, "</p>\n");
    if (report->facts->remarks.count > 0) {
        text_add(out, "<h3>Also noticed</h3>\n");
        text_add(out, "<ul>\n");
        add_items(out, &report->facts->remarks);
        text_add(out, "</ul>\n");
    }
    text_add(out, "</section>\n");
}

void sections_add_entra(struct text *out, const struct report *report) {
    const struct facts *facts = report->facts;

    if (facts->tenant_count == 0)
        return;
    markup_section(out, "entra", "Entra");
    text_add(out, "<ul>\n");
    for (size_t i = 0; i < facts->tenant_count; i++) {
        struct text text = {0};

        entra_add_state(&text, facts, &facts->tenants[i]);
        out->failed = out->failed || text.failed;
        markup_add(out, "<li>%s</li>\n", text.value != NULL ? text.value : "");
        text_free(&text);
    }
    text_add(out, "</ul>\n</section>\n");
}

void sections_add_due(struct text *out, const struct report *report) {
    if (report->decision.due_count == 0)
        return;
    markup_section(out, "next-steps", "What comes next");
    text_add(out, "<table>\n<thead><tr><th scope=\"col\">When (UTC)</th><th scope=\"col\">What</th></tr></thead>\n"
                  "<tbody>\n");
    for (size_t i = 0; i < report->decision.due_count && i < DUE_MOST; i++) {
        const struct due *due = &report->decision.due[i];
        const bool over = due->at <= report->checked_at;

        text_add(out, "<tr><td class=\"when\">");
        markup_minute(out, due->at);
        text_add(out, "<br><span class=\"soft small\">");
        markup_distance(out, due->at, report->checked_at);
        markup_add(out, "</span></td><td class=\"%s\">%s</td></tr>\n", over ? "bad" : "what",
                   calendar_due(due->what, over));
    }
    text_add(out, "</tbody>\n</table>\n</section>\n");
}

/* The element that the block lies in together with its neighbours of the same kind. */
static const char *group_of(enum layout_kind kind) {
    switch (kind) {
    case LAYOUT_ITEM:
        return "ul";
    case LAYOUT_COMMAND:
        return "pre";
    case LAYOUT_FIELD:
    case LAYOUT_COUNTS:
        return "dl";
    case LAYOUT_STATUS:
    case LAYOUT_HEADING:
    case LAYOUT_PARAGRAPH:
    case LAYOUT_INDENTED:
    case LAYOUT_TIMELINE:
        break;
    }
    return "";
}

static void add_block(struct text *out, const struct layout_block *block, bool first) {
    const char *value = block->value != NULL ? block->value : "";

    switch (block->kind) {
    case LAYOUT_HEADING:
        markup_add(out, "<h3>%s</h3>\n", block->label);
        return;
    case LAYOUT_ITEM:
        markup_add(out, "<li>%s</li>\n", value);
        return;
    case LAYOUT_COMMAND:
        markup_add(out, first ? "%s" : "\n%s", value);
        return;
    case LAYOUT_FIELD:
        markup_add(out, "<dt>%s</dt><dd>%s</dd>\n", block->label, value);
        return;
    case LAYOUT_STATUS:
    case LAYOUT_PARAGRAPH:
    case LAYOUT_INDENTED:
        markup_add(out, "<p>%s</p>\n", value);
        return;
    case LAYOUT_COUNTS:
    case LAYOUT_TIMELINE:
        return;
    }
}

/* The same words as in a mail. */
void sections_add_advice(struct text *out, const struct page_source *source) {
    struct layout layout = {0};
    const char *group = "";

    advice_add(source->speaker, source->report, source->occasion, &layout);
    out->failed = out->failed || layout.failed;
    text_add(out, "<section id=\"advice\">\n");
    for (size_t i = 0; i < layout.count; i++) {
        const struct layout_block *block = &layout.blocks[i];
        const char *wanted = group_of(block->kind);
        const bool first = wanted != group;

        if (first && group[0] != '\0')
            text_format(out, "</%s>\n", group);
        if (first && wanted[0] != '\0')
            text_format(out, "<%s>", wanted);
        group = wanted;
        if (i == 0 && block->kind == LAYOUT_HEADING)
            markup_add(out, "<h2>%s</h2>\n", block->label);
        else
            add_block(out, block, first);
    }
    if (group[0] != '\0')
        text_format(out, "</%s>\n", group);
    text_add(out, "</section>\n");
    layout_free(&layout);
}

void sections_add_history(struct text *out, const struct page_source *source) {
    const size_t shown = source->event_count < HISTORY_SHOWN ? source->event_count : HISTORY_SHOWN;

    markup_section(out, "history", "History");
    if (shown == 0) {
        text_add(out, "<p>No run has seen or done anything, or notified anybody, yet.</p>\n</section>\n");
        return;
    }
    text_add(out, "<table class=\"stack\">\n<caption>The newest first.");
    if (source->event_count > shown)
        text_add(out, " Older entries: <code>authcert history</code>.");
    text_add(out, "</caption>\n<thead><tr><th scope=\"col\">When (UTC)</th><th scope=\"col\">Kind</th>"
                  "<th scope=\"col\">What</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < shown; i++) {
        const struct page_event *event = &source->events[source->event_count - 1 - i];

        text_add(out, "<tr><td class=\"when soft\">");
        markup_minute(out, event->at);
        markup_add(out, "</td><td class=\"kind\">%s</td><td>%s</td></tr>\n", event->kind, event->text);
    }
    text_add(out, "</tbody>\n</table>\n</section>\n");
}
