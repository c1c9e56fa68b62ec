#include "notify/page/slots.h"

#include <string.h>

#include "base/time.h"
#include "notify/page/markup.h"
#include "notify/words/calendar.h"
#include "notify/words/timeline.h"

#define RAW_MOST 10
#define RAW_SIZE 256

/* How the end of current looks: good while it is far, or while another one is under way to follow it. */
static const char *nearness(const struct report *report) {
    const int64_t left = (int64_t)report->facts->slot[SLOT_CURRENT].certificate->not_after - report->checked_at;
    const struct policy *policy = report->policy;

    if (report->decision.covered)
        return "good";
    if (report->decision.status == STATUS_CRITICAL)
        return "bad";
    return policy != NULL && left <= policy->warn_days[0] * (int64_t)SECONDS_PER_DAY ? "fair" : "good";
}

static const char *tone(const struct report *report, enum slot slot) {
    switch (facts_slot_state(report->facts, slot, report->checked_at)) {
    case SLOT_USABLE:
        return slot == SLOT_CURRENT ? nearness(report) : "good";
    case SLOT_UNUSABLE:
        return slot == SLOT_PREVIOUS ? "soft" : "bad";
    case SLOT_UNKNOWN:
    case SLOT_EMPTY:
        break;
    }
    return "soft";
}

static void add_row(struct text *out, const char *label, const char *value) {
    markup_add(out, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", label, value);
}

static void add_time_row(struct text *out, const char *label, time_t at) {
    markup_add(out, "<tr><th scope=\"row\">%s</th><td>", label);
    markup_minute(out, at);
    text_add(out, "</td></tr>\n");
}

static void add_certificate(struct text *out, const struct certificate *certificate) {
    add_time_row(out, "Valid from", certificate->not_before);
    add_time_row(out, "Valid until", certificate->not_after);
    add_row(out, "Subject", certificate->subject != NULL ? certificate->subject : "");
    markup_add(out, "<tr><th scope=\"row\">Serial</th><td class=\"mono\">%s</td></tr>\n",
               certificate->serial != NULL ? certificate->serial : "");
    add_row(out, "Key", certificate->key);
    markup_add(out, "<tr><th scope=\"row\">Signature</th><td class=\"small\">%s</td></tr>\n", certificate->signature);
}

static void add_problems(struct text *out, const struct strings *problems) {
    if (problems->count == 0)
        return;
    text_add(out, "<ul class=\"small\">\n");
    for (size_t i = 0; i < problems->count; i++)
        markup_add(out, "<li>%s</li>\n", problems->items[i]);
    text_add(out, "</ul>\n");
}

static void add_slot(struct text *out, const struct report *report, enum slot slot) {
    const struct facts *facts = report->facts;
    const struct slot_facts *found = &facts->slot[slot];
    const char *thumbprint = facts->slots.thumbprint[slot];
    char left[CALENDAR_LEFT_SIZE];

    markup_add(out, "<article class=\"slot\">\n<h3>%s</h3>\n<p class=\"left %s\">", timeline_slot_words(slot),
               tone(report, slot));
    if (thumbprint[0] == '\0') {
        markup_add(out, "%s</p>\n</article>\n", slot == SLOT_CURRENT ? "none is set" : "none");
        return;
    }
    markup_add(out, "%s</p>\n<table>\n<tbody>\n",
               found->certificate != NULL ? calendar_left(left, found->certificate->not_after, report->checked_at)
                                          : "not known: no source has its bytes");
    markup_add(out, "<tr><th scope=\"row\">Thumbprint</th><td class=\"mono\">%s</td></tr>\n", thumbprint);
    if (slot == SLOT_NEXT && facts->slots.date_readable)
        add_time_row(out, "Takes over", facts->slots.date);
    if (found->certificate != NULL)
        add_certificate(out, found->certificate);
    add_row(out, "Private key", found->key_kept ? "kept on this host" : "not on this host");
    add_row(out, "Known from", source_name(found->source));
    text_add(out, "</tbody>\n</table>\n");
    add_problems(out, &report->problems[slot]);
    text_add(out, "</article>\n");
}

/* What a malformed attribute holds to the letter. */
static void add_raw(struct text *out, const struct facts *facts) {
    if (facts->slots.malformed == 0 || facts->raw_count == 0)
        return;
    text_add(out, "<p>The attribute as read:</p>\n<ul class=\"mono small\">\n");
    for (size_t i = 0; i < facts->raw_count && i < RAW_MOST; i++) {
        const struct bytes *raw = &facts->raw_values[i];
        char value[RAW_SIZE];

        markup_add(out, "<li>\"%s\"</li>\n",
                   text_printable(value, sizeof value, raw->data != NULL ? (const char *)raw->data : "", raw->length));
    }
    text_add(out, "</ul>\n");
}

void page_slots_add(struct text *out, const struct report *report) {
    markup_section(out, "certificates", "Certificates");
    text_add(out, "<div class=\"slots\">\n");
    add_slot(out, report, SLOT_CURRENT);
    add_slot(out, report, SLOT_NEXT);
    add_slot(out, report, SLOT_PREVIOUS);
    text_add(out, "</div>\n");
    add_raw(out, report->facts);
    text_add(out, "</section>\n");
}
