#include "monitor/show/show.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "monitor/show/text_page.h"
#include "monitor/show/servers.h"
#include "monitor/show/tenants.h"
#include "notify/words/calendar.h"

/* The order is that of the questions at 3 a.m.: how bad is it, which organization, what is in the slots, what is wrong,
 * what is done next and what do I have to do. */

#define SENTENCES_MOST 20
#define RAW_MOST 10
#define CLOCK_SHOWN 60 /* seconds from which the difference of the clocks is worth a line */

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

/* The briefing is not folded: its command is to be copied whole. */
static void put_briefing(struct text_page *page, const struct report *report) {
    static const enum text_page_colour colours[] = {[STATUS_OK] = TEXT_PAGE_GREEN,
                                                    [STATUS_WARNING] = TEXT_PAGE_YELLOW,
                                                    [STATUS_CRITICAL] = TEXT_PAGE_RED,
                                                    [STATUS_UNKNOWN] = TEXT_PAGE_GREY};
    const struct briefing *briefing = &report->briefing;
    char minute[CALENDAR_MINUTE_SIZE], distance[CALENDAR_DISTANCE_SIZE];

    text_page_colour(page, colours[report->decision.status], show_status_word(report->decision.status));
    fprintf(page->out, ": %s\nBy itself: %s\nCommand:   %s\n", or_empty(briefing->wrong), or_empty(briefing->by_itself),
            briefing->command != NULL ? briefing->command : BRIEFING_NO_COMMAND);
    if (report->seen_at != 0)
        fprintf(page->out, "Seen by:   the run of %s, %s\n", calendar_minute(minute, report->seen_at),
                calendar_distance(distance, report->seen_at, report->checked_at));
}

/* One folded bullet for each, the first `most` of them. */
static void put_sentences(struct text_page *page, const char *lead, const struct strings *list, size_t most) {
    for (size_t i = 0; i < list->count && i < most; i++)
        text_page_paragraph(page, lead, list->items[i]);
    if (list->count > most)
        fprintf(page->out, "%sand %zu more\n", lead, list->count - most);
}

static void put_remarks(struct text_page *page, const struct remarks *list, size_t most) {
    for (size_t i = 0; i < list->count && i < most; i++)
        text_page_paragraph(page, "  - ", list->items[i].text);
    if (list->count > most)
        fprintf(page->out, "  - and %zu more\n", list->count - most);
}

/* When the object was last changed, and by which domain controller where the directory says so. */
static void put_last_change(FILE *out, const struct facts *facts) {
    time_t at = facts->attribute_changed != 0 ? facts->attribute_changed : facts->object_changed;
    char date[TIME_TEXT_SIZE];

    if (facts->read && at != 0)
        fprintf(out, "Last change:        %s%s%s\n", time_format_rfc3339(date, at),
                facts->changed_by != NULL ? " by " : "", facts->changed_by != NULL ? facts->changed_by : "");
}

static void put_directory(struct text_page *page, const struct report *report) {
    const struct directory_facts *directory = &report->facts->directory;
    const char *uri = directory->uri != NULL ? directory->uri : "none";
    FILE *out = page->out;

    if (report->facts->read && directory->server != NULL)
        fprintf(out, "Directory server:   %s (%s)\n", directory->server, uri);
    else
        fprintf(out, "Directory server:   %s\n", uri);
    put_last_change(out, report->facts);
    if (report->facts->read && directory->writer_down)
        text_page_paragraph(page, "                    ", "The server that is written to did not answer.");
    if (directory->clock_known && (directory->clock_skew >= CLOCK_SHOWN || directory->clock_skew <= -CLOCK_SHOWN)) {
        bool ahead = directory->clock_skew > 0;
        uint64_t seconds = ahead ? (uint64_t)directory->clock_skew : 0 - (uint64_t)directory->clock_skew;

        fprintf(out, "Clocks:             the directory's is %" PRIu64 " seconds %s this host's\n", seconds,
                ahead ? "ahead of" : "behind");
    }
}

static void put_head(struct text_page *page, const struct report *report) {
    const struct facts *facts = report->facts;
    char at[TIME_TEXT_SIZE];

    fputc('\n', page->out);
    if (facts->read) {
        fprintf(page->out, "Organization:       %s\n", facts->organization != NULL ? facts->organization : "unknown");
        fprintf(page->out, "Auth configuration: %s\n", facts->directory.dn != NULL ? facts->directory.dn : "unknown");
    }
    put_directory(page, report);
    if (facts->read)
        fprintf(page->out, "Hybrid:             %s\n", answer_name(facts->hybrid));
    for (size_t i = 0; facts->read && i < facts->hybrid_signs.count && i < SENTENCES_MOST; i++)
        text_page_paragraph(page, "                    shown by ", facts->hybrid_signs.items[i]);
    fprintf(page->out, "Mode:               %s\n",
            mode_name(report->policy != NULL ? report->policy->mode : MODE_MONITOR));
    fprintf(page->out, "Checked at:         %s\n", time_format_rfc3339(at, report->checked_at));
}

static void put_slot(struct text_page *page, struct text_page_table *table, const struct report *report,
                     enum slot slot) {
    const struct facts *facts = report->facts;
    const struct slot_facts *seen = &facts->slot[slot];
    enum slot_state state = facts_slot_state(facts, slot, report->checked_at);
    bool known = state != SLOT_EMPTY && state != SLOT_UNKNOWN;
    char ends[TIME_TEXT_SIZE] = "unknown";
    char days[TIME_TEXT_SIZE] = "-";
    const char *const empty[] = {slot_name(slot), "(empty)", "-", "-", "-", "-"};
    const char *const cells[] = {slot_name(slot),
                                 facts->slots.thumbprint[slot],
                                 ends,
                                 days,
                                 source_name(known ? seen->source : SOURCE_UNKNOWN),
                                 seen->key_kept ? "kept" : "no"};

    if (known) {
        time_format_date(ends, seen->certificate->not_after);
        snprintf(days, sizeof(days), "%" PRId64, time_days_left(seen->certificate->not_after, report->checked_at));
    }
    text_page_row(page, table, state == SLOT_EMPTY ? empty : cells);
}

/* What the attribute holds to the letter, for whoever has to mend it by hand. */
static void put_raw(struct text_page *page, const struct facts *facts) {
    char value[256];

    if (facts->slots.malformed == 0)
        return;
    fputs("msExchAuthCertificateThumbprint as read:\n", page->out);
    for (size_t i = 0; i < facts->raw_count && i < RAW_MOST; i++) {
        const struct bytes *raw = &facts->raw_values[i];

        fprintf(page->out, "  \"%s\"\n",
                text_printable(value, sizeof(value), raw->data != NULL ? (const char *)raw->data : "",
                               raw->data != NULL ? raw->length : 0));
    }
    if (facts->raw_count == 0)
        fputs("  (no value)\n", page->out);
    else if (facts->raw_count > RAW_MOST)
        fprintf(page->out, "  and %zu more\n", facts->raw_count - RAW_MOST);
    if (facts->raw_date.data != NULL) {
        fprintf(page->out, "msExchAuthNextEffectiveDate as read:\n  \"%s\"\n",
                text_printable(value, sizeof(value), facts->raw_date.data, facts->raw_date.length));
    }
}

static void put_slots(struct text_page *page, const struct report *report) {
    static const struct text_page_column columns[] = {{"SLOT", false}, {"THUMBPRINT", false}, {"ENDS (UTC)", false},
                                                      {"DAYS", true},  {"SOURCE", false},     {"KEY", false}};
    const struct facts *facts = report->facts;
    struct text_page_table *table;
    char at[TIME_TEXT_SIZE];

    text_page_title(page, "Certificates");
    table = text_page_table(page, columns, sizeof(columns) / sizeof(columns[0]));
    put_slot(page, table, report, SLOT_CURRENT);
    put_slot(page, table, report, SLOT_PREVIOUS);
    put_slot(page, table, report, SLOT_NEXT);
    text_page_table_end(page, table);
    if (facts->slots.date_readable && facts->slots.thumbprint[SLOT_NEXT][0] != '\0')
        fprintf(page->out, "Next becomes current from %s\n", time_format_rfc3339(at, facts->slots.date));
    put_raw(page, facts);
}

static void put_problems(struct text_page *page, const struct report *report) {
    static const char *const leads[SLOT_COUNT] = {
        [SLOT_CURRENT] = "  current:  ", [SLOT_PREVIOUS] = "  previous: ", [SLOT_NEXT] = "  next:     "};
    bool any = false;

    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (report->problems[slot].count > 0 && !any) {
            text_page_title(page, "Problems");
            any = true;
        }
        put_sentences(page, leads[slot], &report->problems[slot], SENTENCES_MOST);
    }
}

static void put_also(struct text_page *page, const struct decision *decision) {
    struct text also = {0};

    for (enum row row = ROW_UNREADABLE; row < ROW_NONE; row++)
        if (decision->applies[row] && row != decision->row)
            text_format(&also, "%s%s", also.length > 0 ? ", " : "", row_name(row));
    if (also.failed)
        page->failed = true;
    else if (also.length > 0)
        text_page_paragraph(page, "  Also applies: ", also.value);
    text_free(&also);
}

static void put_decision(struct text_page *page, const struct report *report) {
    const struct decision *decision = &report->decision;
    char at[TIME_TEXT_SIZE];

    text_page_title(page, "Decision");
    fprintf(page->out, "  %s", row_name(decision->row));
    if (decision->act != ACT_NONE && strcmp(act_name(decision->act), row_name(decision->row)) != 0)
        fprintf(page->out, " (act: %s)", act_name(decision->act));
    if (decision->date != 0)
        fprintf(page->out, ", effective from %s", time_format_rfc3339(at, decision->date));
    fputc('\n', page->out);
    put_remarks(page, &report->reasons, SENTENCES_MOST);
    if (decision->blocked != BLOCK_NONE) {
        fputs("  ", page->out);
        text_page_colour(page, TEXT_PAGE_YELLOW, "Blocked");
        fprintf(page->out, " by: %s\n", block_name(decision->blocked));
        if (report->how_to_unblock != NULL)
            text_page_paragraph(page, "  To unblock: ", report->how_to_unblock);
    }
    put_also(page, decision);
}

static const char *due_words(enum due_what what, bool past) {
    switch (what) {
    case DUE_STAGE:
        return past ? "a new certificate has to be staged" : "a new certificate is due to be staged";
    case DUE_ACTIVATE:
        return past ? "next has to become current" : "next is due to become current";
    case DUE_RETIRE:
        return past ? "previous has to be cleared" : "previous is due to be cleared";
    case DUE_WARN:
        return "the next warning";
    case DUE_EXPIRE:
        return past ? "the current certificate ended" : "the current certificate ends";
    }
    return "";
}

/* A date that has passed is marked as such; the others then stand below it. */
static void put_due(struct text_page *page, const struct report *report) {
    const struct decision *decision = &report->decision;
    bool any_past = false;
    char at[TIME_TEXT_SIZE];

    if (decision->due_count > 0)
        text_page_title(page, "What comes next (UTC)");
    for (size_t i = 0; i < decision->due_count && i < DUE_MOST; i++)
        any_past = any_past || decision->due[i].at <= report->checked_at;
    for (size_t i = 0; i < decision->due_count && i < DUE_MOST; i++) {
        const struct due *due = &decision->due[i];
        const bool past = due->at <= report->checked_at;
        const char *since = past && due->what != DUE_EXPIRE ? "due since " : "";

        fprintf(page->out, "  %-*s%s  %-8s  %s\n", any_past ? (int)sizeof("due since ") - 1 : 0, since,
                time_format_date(at, due->at), due_name(due->what), due_words(due->what, past));
    }
}

static void put_done(struct text_page *page, const struct report *report) {
    if (report->done_count > 0)
        text_page_title(page, "Done");
    for (size_t i = 0; i < report->done_count; i++) {
        const struct done *done = &report->done[i];

        fprintf(page->out, "  %s %s%s%s\n", act_name(done->act), done->thumbprint,
                done->thumbprint[0] != '\0' ? ": " : "", done->ok ? "ok" : "failed");
        if (done->detail != NULL && done->detail[0] != '\0')
            text_page_paragraph(page, "    ", done->detail);
    }
    if (report->told_count > 0)
        text_page_title(page, "Notified");
    for (size_t i = 0; i < report->told_count && i < TOLD_MOST; i++) {
        const struct told *told = &report->told[i];

        fprintf(page->out, "  %s: %s, %zu recipient%s\n", told->channel, told_result_words(told->result), told->to,
                told->to == 1 ? "" : "s");
    }
}

/* The reason in full, unless the decision says it already. */
static void put_unreadable(struct text_page *page, const struct report *report) {
    const char *why = report->facts->unreadable.text;

    if (why[0] == '\0' || remarks_contain(&report->reasons, why) ||
        (report->briefing.wrong != NULL && strstr(report->briefing.wrong, why) != NULL))
        return;
    text_page_title(page, "Why the directory could not be read");
    text_page_paragraph(page, "  ", why);
}

void show_briefing(const struct report *report, bool colour, FILE *out) {
    struct text_page page = {.out = out, .colour = colour};

    put_briefing(&page, report);
}

bool show_short(const struct report *report, bool colour, FILE *out) {
    struct text_page page = {.out = out, .colour = colour, .columns = text_page_width(out)};

    put_briefing(&page, report);
    put_done(&page, report);
    return text_page_end(&page);
}

bool show_text(const struct report *report, bool colour, FILE *out) {
    struct text_page page = {.out = out, .colour = colour, .columns = text_page_width(out)};

    put_briefing(&page, report);
    put_head(&page, report);
    if (report->facts->read) {
        put_slots(&page, report);
        put_problems(&page, report);
        show_servers(&page, report->facts);
        show_tenants(&page, report);
    } else {
        put_unreadable(&page, report);
    }
    put_decision(&page, report);
    put_due(&page, report);
    put_done(&page, report);
    if (report->facts->remarks.count > 0) {
        text_page_title(&page, "Remarks");
        put_remarks(&page, &report->facts->remarks, SENTENCES_MOST);
    }
    return text_page_end(&page);
}
