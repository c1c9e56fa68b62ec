#include "monitor/show/show.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "monitor/show/paper.h"
#include "monitor/show/servers.h"

/* The order is that of the questions at 3 a.m.: how bad is it, which organization, what is in the slots, what is wrong,
 * what is done next and what do I have to do. */

#define SENTENCES_MOST 20
#define RAW_MOST 10
#define CLOCK_SHOWN 60 /* seconds from which the difference of the clocks is worth a line */

static void put_status(struct paper *paper, const struct report *report) {
    enum paper_colour colour = PAPER_PLAIN;
    const char *word = "";

    switch (report->decision.status) {
    case STATUS_OK:
        word = "OK";
        colour = PAPER_GREEN;
        break;
    case STATUS_WARNING:
        word = "WARNING";
        colour = PAPER_YELLOW;
        break;
    case STATUS_CRITICAL:
        word = "CRITICAL";
        colour = PAPER_RED;
        break;
    case STATUS_UNKNOWN:
        word = "UNKNOWN";
        colour = PAPER_RED;
        break;
    }
    paper_colour(paper, colour, word);
    fprintf(paper->out, ": %s\n", report->summary != NULL ? report->summary : "");
}

/* One folded bullet for each, the first `most` of them. */
static void put_sentences(struct paper *paper, const char *lead, const struct strings *list, size_t most) {
    for (size_t i = 0; i < list->count && i < most; i++) {
        paper_paragraph(paper, lead, list->items[i]);
    }
    if (list->count > most) {
        fprintf(paper->out, "%sand %zu more\n", lead, list->count - most);
    }
}

/* When the object was last changed, and by which domain controller where the directory says so. */
static void put_last_change(FILE *out, const struct facts *facts) {
    time_t at = facts->attribute_changed != 0 ? facts->attribute_changed : facts->object_changed;
    char date[TIME_TEXT_SIZE];

    if (facts->read && at != 0)
        fprintf(out, "Last change:        %s%s%s\n", time_format_rfc3339(date, at),
                facts->changed_by != NULL ? " by " : "", facts->changed_by != NULL ? facts->changed_by : "");
}

static void put_directory(struct paper *paper, const struct report *report) {
    const struct directory_facts *directory = &report->facts->directory;
    const char *uri = directory->uri != NULL ? directory->uri : "none";
    FILE *out = paper->out;

    if (report->facts->read && directory->server != NULL) {
        fprintf(out, "Directory server:   %s (%s)\n", directory->server, uri);
    } else {
        fprintf(out, "Directory server:   %s\n", uri);
    }
    put_last_change(out, report->facts);
    if (report->facts->read && directory->writer_down) {
        paper_paragraph(paper, "                    ", "The server that is written to did not answer.");
    }
    if (directory->clock_known && (directory->clock_skew >= CLOCK_SHOWN || directory->clock_skew <= -CLOCK_SHOWN)) {
        bool ahead = directory->clock_skew > 0;
        uint64_t seconds = ahead ? (uint64_t)directory->clock_skew : 0 - (uint64_t)directory->clock_skew;

        fprintf(out, "Clocks:             the directory's is %" PRIu64 " seconds %s this host's\n", seconds,
                ahead ? "ahead of" : "behind");
    }
}

static void put_head(struct paper *paper, const struct report *report) {
    const struct facts *facts = report->facts;
    char at[TIME_TEXT_SIZE];

    fputc('\n', paper->out);
    if (facts->read) {
        fprintf(paper->out, "Organization:       %s\n", facts->organization != NULL ? facts->organization : "unknown");
        fprintf(paper->out, "Auth configuration: %s\n", facts->directory.dn != NULL ? facts->directory.dn : "unknown");
    }
    put_directory(paper, report);
    if (facts->read) {
        fprintf(paper->out, "Hybrid:             %s\n", answer_name(facts->hybrid));
    }
    fprintf(paper->out, "Mode:               %s\n",
            mode_name(report->policy != NULL ? report->policy->mode : MODE_MONITOR));
    fprintf(paper->out, "Checked at:         %s\n", time_format_rfc3339(at, report->checked_at));
}

static void put_slot(struct paper *paper, struct paper_table *table, const struct report *report, enum slot slot) {
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
    paper_row(paper, table, state == SLOT_EMPTY ? empty : cells);
}

/* What the attribute holds to the letter, for whoever has to mend it by hand. */
static void put_raw(struct paper *paper, const struct facts *facts) {
    char value[256];

    if (facts->slots.malformed == 0) {
        return;
    }
    fputs("msExchAuthCertificateThumbprint as read:\n", paper->out);
    for (size_t i = 0; i < facts->raw_count && i < RAW_MOST; i++) {
        const struct bytes *raw = &facts->raw_values[i];

        fprintf(paper->out, "  \"%s\"\n",
                text_printable(value, sizeof(value), raw->data != NULL ? (const char *)raw->data : "",
                               raw->data != NULL ? raw->length : 0));
    }
    if (facts->raw_count == 0) {
        fputs("  (no value)\n", paper->out);
    } else if (facts->raw_count > RAW_MOST) {
        fprintf(paper->out, "  and %zu more\n", facts->raw_count - RAW_MOST);
    }
    if (facts->raw_date.data != NULL) {
        fprintf(paper->out, "msExchAuthNextEffectiveDate as read:\n  \"%s\"\n",
                text_printable(value, sizeof(value), facts->raw_date.data, facts->raw_date.length));
    }
}

static void put_slots(struct paper *paper, const struct report *report) {
    static const struct paper_column columns[] = {{"SLOT", false}, {"THUMBPRINT", false}, {"ENDS (UTC)", false},
                                                  {"DAYS", true},  {"SOURCE", false},     {"KEY", false}};
    const struct facts *facts = report->facts;
    struct paper_table *table;
    char at[TIME_TEXT_SIZE];

    paper_title(paper, "Certificates");
    table = paper_table(paper, columns, sizeof(columns) / sizeof(columns[0]));
    put_slot(paper, table, report, SLOT_CURRENT);
    put_slot(paper, table, report, SLOT_PREVIOUS);
    put_slot(paper, table, report, SLOT_NEXT);
    paper_table_end(paper, table);
    if (facts->slots.date_set && (facts->slots.malformed & MALFORMED_DATE) == 0) {
        fprintf(paper->out, "Next becomes current from %s\n", time_format_rfc3339(at, facts->slots.date));
    }
    put_raw(paper, facts);
}

static void put_problems(struct paper *paper, const struct report *report) {
    static const char *const leads[SLOT_COUNT] = {
        [SLOT_CURRENT] = "  current:  ", [SLOT_PREVIOUS] = "  previous: ", [SLOT_NEXT] = "  next:     "};
    bool any = false;

    for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
        if (report->problems[slot].count > 0 && !any) {
            paper_title(paper, "Problems");
            any = true;
        }
        put_sentences(paper, leads[slot], &report->problems[slot], SENTENCES_MOST);
    }
}

static void put_also(struct paper *paper, const struct decision *decision) {
    struct text also = {0};

    for (enum row row = ROW_UNREADABLE; row < ROW_NONE; row++) {
        if (decision->applies[row] && row != decision->row) {
            text_format(&also, "%s%s", also.length > 0 ? ", " : "", row_name(row));
        }
    }
    if (also.failed) {
        paper->failed = true;
    } else if (also.length > 0) {
        paper_paragraph(paper, "  Also applies: ", also.value);
    }
    text_free(&also);
}

static void put_decision(struct paper *paper, const struct report *report) {
    const struct decision *decision = &report->decision;
    char at[TIME_TEXT_SIZE];

    paper_title(paper, "Decision");
    fprintf(paper->out, "  %s", row_name(decision->row));
    if (decision->act != ACT_NONE && strcmp(act_name(decision->act), row_name(decision->row)) != 0) {
        fprintf(paper->out, " (act: %s)", act_name(decision->act));
    }
    if (decision->date != 0) {
        fprintf(paper->out, ", effective from %s", time_format_rfc3339(at, decision->date));
    }
    fputc('\n', paper->out);
    put_sentences(paper, "  - ", &report->reasons, SENTENCES_MOST);
    if (decision->blocked != BLOCK_NONE) {
        fputs("  ", paper->out);
        paper_colour(paper, PAPER_YELLOW, "Blocked");
        fprintf(paper->out, " by: %s\n", block_name(decision->blocked));
        if (report->how_to_unblock != NULL) {
            paper_paragraph(paper, "  To unblock: ", report->how_to_unblock);
        }
    }
    put_also(paper, decision);
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
static void put_due(struct paper *paper, const struct report *report) {
    const struct decision *decision = &report->decision;
    bool any_past = false;
    char at[TIME_TEXT_SIZE];

    if (decision->due_count > 0)
        paper_title(paper, "What comes next (UTC)");
    for (size_t i = 0; i < decision->due_count && i < DUE_MOST; i++)
        any_past = any_past || decision->due[i].at <= report->checked_at;
    for (size_t i = 0; i < decision->due_count && i < DUE_MOST; i++) {
        const struct due *due = &decision->due[i];
        const bool past = due->at <= report->checked_at;
        const char *since = past && due->what != DUE_EXPIRE ? "due since " : "";

        fprintf(paper->out, "  %-*s%s  %-8s  %s\n", any_past ? (int)sizeof("due since ") - 1 : 0, since,
                time_format_date(at, due->at), due_name(due->what), due_words(due->what, past));
    }
}

static void put_done(struct paper *paper, const struct report *report) {
    if (report->done_count > 0) {
        paper_title(paper, "Done");
    }
    for (size_t i = 0; i < report->done_count; i++) {
        const struct done *done = &report->done[i];

        fprintf(paper->out, "  %s %s%s%s\n", act_name(done->act), done->thumbprint,
                done->thumbprint[0] != '\0' ? ": " : "", done->ok ? "ok" : "failed");
        if (done->detail != NULL && done->detail[0] != '\0') {
            paper_paragraph(paper, "    ", done->detail);
        }
    }
    if (report->told_count > 0) {
        paper_title(paper, "Told");
    }
    for (size_t i = 0; i < report->told_count && i < TOLD_MOST; i++) {
        const struct told *told = &report->told[i];

        fprintf(paper->out, "  %s: %s, %zu recipient%s\n", told->channel, told_result_name(told->result), told->to,
                told->to == 1 ? "" : "s");
    }
}

/* The reason in full, unless the decision says it already. */
static void put_unreadable(struct paper *paper, const struct report *report) {
    const char *why = report->facts->unreadable.text;

    if (why[0] == '\0' || strings_contain(&report->reasons, why) ||
        (report->summary != NULL && strstr(report->summary, why) != NULL)) {
        return;
    }
    paper_title(paper, "Why the directory could not be read");
    paper_paragraph(paper, "  ", why);
}

bool show_text(const struct report *report, bool colour, FILE *out) {
    struct paper paper = {.out = out, .colour = colour};

    put_status(&paper, report);
    put_head(&paper, report);
    if (report->facts->read) {
        put_slots(&paper, report);
        put_problems(&paper, report);
        show_servers(&paper, report->facts);
    } else {
        put_unreadable(&paper, report);
    }
    put_decision(&paper, report);
    put_due(&paper, report);
    put_done(&paper, report);
    if (report->facts->remarks.count > 0) {
        paper_title(&paper, "Remarks");
        put_sentences(&paper, "  - ", &report->facts->remarks, SENTENCES_MOST);
    }
    return paper_end(&paper);
}
