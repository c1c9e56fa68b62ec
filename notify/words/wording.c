#include "notify/words/wording.h"

#include <string.h>

#include "base/time.h"
#include "notify/words/advice.h"
#include "notify/words/calendar.h"
#include "notify/words/command_line.h"
#include "notify/words/entra/entra.h"
#include "notify/words/headline.h"
#include "notify/words/servers.h"

#define LIST_MOST 12 /* sentences of one kind in a message */
#define RAW_SIZE 256
#define SUBJECT_ORGANIZATION_SIZE 65
#define SUBJECT_WHAT_SIZE 161

static bool was_read(const struct report *report) {
    return report->facts && report->facts->read;
}

void wording_subject(const struct report *report, const struct occasion *occasion, struct text *out) {
    char organization[SUBJECT_ORGANIZATION_SIZE];
    const char *name;
    char what[SUBJECT_WHAT_SIZE];
    struct text headline = {0};
    size_t length;

    headline_add(&headline, report, occasion);
    if (headline.failed) {
        out->failed = true;
        text_free(&headline);
        return;
    }
    length = headline.length;
    while (length > 0 && headline.value[length - 1] == '.')
        length--;
    (void)text_printable(what, sizeof what, headline.value ? headline.value : "", length);
    text_free(&headline);
    text_format(out, "%s authcert", headline_state(report, occasion));
    name = was_read(report) ? report->facts->organization : occasion->known_organization;
    if (name && name[0] != '\0')
        text_format(out, " %s", text_printable(organization, sizeof organization, name, strlen(name)));
    text_format(out, ": %s", what);
}

/* All is well: the time line and what was done are enough, without reasons and advice. */
static bool is_ordinary(const struct report *report) {
    return was_read(report) && report->decision.status == STATUS_OK;
}

/* What the message is at first sight: good news are green. */
static enum layout_tone tone_of(const struct report *report, const struct occasion *occasion) {
    switch (report->decision.status) {
    case STATUS_OK:
        return occasion->kind == OCCASION_FAILED || occasion->kind == OCCASION_BLOCKED ? LAYOUT_WARNING : LAYOUT_GOOD;
    case STATUS_WARNING:
        return LAYOUT_WARNING;
    case STATUS_CRITICAL:
        return LAYOUT_BAD;
    case STATUS_UNKNOWN:
        break;
    }
    return LAYOUT_NEUTRAL;
}

static void add_introduction(struct layout *out, const struct report *report, const struct occasion *occasion) {
    struct text headline = {0};

    headline_add(&headline, report, occasion);
    if (headline.failed || !headline.value) {
        out->failed = true;
    } else if (occasion->kind == OCCASION_TEST) {
        layout_status(out, LAYOUT_NEUTRAL, "TEST",
                      "this message shows that authcert can send mail here. Nothing needs doing.");
    } else {
        const char *end = headline.value[headline.length - 1] == '.' ? "" : ".";

        layout_status(out, tone_of(report, occasion), headline_state(report, occasion), "%s%s", headline.value, end);
    }
    if (occasion->kind != OCCASION_TEST && occasion->kind != OCCASION_STUCK)
        wording_add_briefing(report, headline.value, out);
    text_free(&headline);
    wording_add_circumstances(report, occasion, out);
}

void wording_add_briefing(const struct report *report, const char *headline, struct layout *out) {
    const struct briefing *briefing = &report->briefing;

    if (briefing->wrong == NULL || briefing->by_itself == NULL)
        return;
    if (headline == NULL || strcmp(headline, briefing->wrong) != 0)
        layout_field(out, "Now", "%s", briefing->wrong);
    layout_field(out, "By itself", "%s", briefing->by_itself);
    if (briefing->command == NULL) {
        layout_field(out, "Command", BRIEFING_NO_COMMAND);
        return;
    }
    layout_paragraph(out, "Command:");
    layout_command(out, "%s", briefing->command);
}

void wording_add_circumstances(const struct report *report, const struct occasion *occasion, struct layout *out) {
    char minute[CALENDAR_MINUTE_SIZE];

    if (occasion->threshold_days > 0)
        layout_paragraph(out, "This message comes because the time left fell to %d %s or less.",
                         occasion->threshold_days, occasion->threshold_days == 1 ? "day" : "days");
    if (occasion->recovered && occasion->kind != OCCASION_RECOVERED)
        layout_paragraph(out, "It is the all-clear too: what earlier messages warned of is over.");
    if (was_read(report) && occasion->blind_since != 0)
        layout_paragraph(out, "The directory can be read again. It could not be read since %s.",
                         calendar_minute(minute, occasion->blind_since));
}

static void add_slot(struct layout *out, const struct report *report, const struct occasion *occasion, enum slot slot) {
    const struct facts *facts = report->facts;
    const char *thumbprint = facts->slots.thumbprint[slot];
    const struct certificate *certificate = facts->slot[slot].certificate;
    char minute[CALENDAR_MINUTE_SIZE];
    char left[CALENDAR_LEFT_SIZE];

    if (thumbprint[0] == '\0') {
        layout_field(out, timeline_slot_words(slot), "none");
        return;
    }
    layout_field(out, timeline_slot_words(slot), "thumbprint %s", thumbprint);
    if (certificate) {
        (void)calendar_left(left, certificate->not_after, report->checked_at);
        layout_field(out, "", "NotAfter %s: %s", calendar_minute(minute, certificate->not_after), left);
    } else if (slot == SLOT_CURRENT && occasion->known_end != 0 &&
               strcmp(occasion->known_thumbprint, thumbprint) == 0) {
        (void)calendar_left(left, occasion->known_end, report->checked_at);
        layout_field(out, "", "NotAfter %s, last known: %s", calendar_minute(minute, occasion->known_end), left);
    } else {
        layout_field(out, "", "NotAfter unknown: no source has the certificate's bytes");
    }
    if (slot == SLOT_NEXT && facts->slots.date_readable)
        layout_field(out, "", "becomes current on %s", calendar_minute(minute, facts->slots.date));
    for (size_t i = 0; i < report->problems[slot].count && i < LIST_MOST; i++)
        layout_field(out, "", "problem: %s", report->problems[slot].items[i]);
}

/* What a malformed attribute holds to the letter, for whoever has to repair it by hand. */
static void add_raw(struct layout *out, const struct facts *facts) {
    char value[RAW_SIZE];

    if (facts->slots.malformed == 0)
        return;
    for (size_t i = 0; i < facts->raw_count && i < LIST_MOST; i++)
        layout_field(out, i == 0 ? "As read" : "", "\"%s\"",
                     text_printable(value, sizeof value,
                                    facts->raw_values[i].data != NULL ? (const char *)facts->raw_values[i].data : "",
                                    facts->raw_values[i].length));
    if (facts->raw_count == 0)
        layout_field(out, "As read", "no value");
}

static void add_entra(struct layout *out, const struct facts *facts) {
    for (size_t i = 0; i < facts->tenant_count; i++) {
        struct text text = {0};

        entra_add_state(&text, facts, &facts->tenants[i]);
        out->failed = out->failed || text.failed;
        layout_field(out, i == 0 ? "Entra" : "", "%s", text.value != NULL ? text.value : "");
        text_free(&text);
    }
}

/* The state as fields, when the directory was read. */
static void add_seen(struct layout *out, const struct report *report, const struct occasion *occasion) {
    const struct facts *facts = report->facts;

    layout_field(out, "Organization", "%s", facts->organization ? facts->organization : "unknown");
    if ((occasion->kind == OCCASION_STATUS || occasion->kind == OCCASION_RECOVERED) &&
        occasion->before != report->decision.status)
        layout_field(out, "State", "%s (was %s)", status_name(report->decision.status), status_name(occasion->before));
    else if (!is_ordinary(report))
        layout_field(out, "State", "%s", status_name(report->decision.status));
    add_slot(out, report, occasion, SLOT_CURRENT);
    add_slot(out, report, occasion, SLOT_NEXT);
    if (facts->slots.thumbprint[SLOT_PREVIOUS][0] != '\0' || !is_ordinary(report))
        add_slot(out, report, occasion, SLOT_PREVIOUS);
    add_raw(out, facts);
    servers_add(out, facts);
    if (is_ordinary(report))
        return;
    layout_field(out, "Hybrid", "%s", answer_name(facts->hybrid));
    for (size_t i = 0; i < facts->hybrid_signs.count && i < LIST_MOST; i++)
        layout_field(out, "", "shown by %s", facts->hybrid_signs.items[i]);
    add_entra(out, facts);
    if (facts->directory.uri)
        layout_field(out, "Directory", "%s", facts->directory.uri);
}

/* The same when it was not. */
static void add_unseen(struct layout *out, const struct report *report, const struct occasion *occasion) {
    const struct facts *facts = report->facts;
    char minute[CALENDAR_MINUTE_SIZE];
    char left[CALENDAR_LEFT_SIZE];

    if (occasion->known_organization[0] != '\0')
        layout_field(out, "Organization", "%s", occasion->known_organization);
    if (occasion->kind != OCCASION_TEST)
        layout_field(out, "State", "%s", status_name(report->decision.status));
    if (facts && facts->directory.uri)
        layout_field(out, "Directory", "%s", facts->directory.uri);
    if (facts && facts->unreadable.text[0] != '\0')
        layout_field(out, "Why", "%s", facts->unreadable.text);
    if (occasion->blind_since != 0)
        layout_field(out, "Unread since", "%s", calendar_minute(minute, occasion->blind_since));
    if (occasion->kind == OCCASION_TEST)
        return;
    if (occasion->known_end != 0) {
        (void)calendar_left(left, occasion->known_end, report->checked_at);
        layout_field(out, "Last known", "current, thumbprint %s", occasion->known_thumbprint);
        layout_field(out, "", "NotAfter %s: %s", calendar_minute(minute, occasion->known_end), left);
    } else {
        layout_field(out, "Last known", "nothing: no earlier run saw when the certificate ends");
    }
}

static void add_sentences(struct layout *out, const char *title, const struct remarks *list) {
    if (list->count == 0)
        return;
    layout_heading(out, title);
    for (size_t i = 0; i < list->count && i < LIST_MOST; i++)
        layout_item(out, "%s", list->items[i].text);
    if (list->count > LIST_MOST)
        layout_item(out, "and %zu more, which `check` shows", list->count - LIST_MOST);
}

static void add_decision(struct layout *out, const struct report *report) {
    layout_heading(out, "Why");
    layout_item(out, "decision: %s", row_name(report->decision.row));
    for (size_t i = 0; i < report->reasons.count && i < LIST_MOST; i++)
        layout_item(out, "%s", report->reasons.items[i].text);
    /* What to do then is told at length below. */
    if (report->decision.blocked == BLOCK_MODE)
        layout_item(out, "blocked by mode: with mode = monitor in [policy] authcert only watches");
    else if (report->decision.blocked != BLOCK_NONE)
        layout_item(out, "blocked by %s", block_name(report->decision.blocked));
}

void wording_add_done(struct layout *out, const struct report *report) {
    layout_heading(out, "What was done");
    if (report->done_count == 0)
        layout_item(out, "nothing was changed");
    for (size_t i = 0; i < report->done_count && i < LIST_MOST; i++) {
        const struct done *done = &report->done[i];

        layout_item(out, "%s %s%s%s%s%s", act_name(done->act), done->ok ? "done" : "FAILED",
                    done->thumbprint[0] ? ", thumbprint " : "", done->thumbprint,
                    done->detail && done->detail[0] ? ": " : "", done->detail ? done->detail : "");
        for (size_t j = 0; j < done->said.count; j++)
            layout_item(out, "%s", done->said.items[j]);
    }
    if (report->done_count > LIST_MOST)
        layout_item(out, "and %zu more, which `history` shows", report->done_count - LIST_MOST);
}

void wording_footer(const struct speaker *speaker, const struct report *report, struct layout *out) {
    char minute[CALENDAR_MINUTE_SIZE];

    layout_heading(out, "About this message");
    layout_field(out, "Sent by", "authcert %s on %s", speaker->version, speaker->host);
    layout_field(out, "Run", "%s at %s", speaker->run_id, calendar_minute(minute, report->checked_at));
    if (speaker->invocation)
        layout_field(out, "Journal", "_SYSTEMD_INVOCATION_ID=%s", speaker->invocation);
    layout_field(out, "Configuration", "%s", speaker->config);
    if (is_ordinary(report))
        return;
    layout_field(out, "To silence",
                 "the messages end by themselves when the state is ok again. For fewer of them "
                 "shorten warn_days in [policy]; for none take the address out of to or "
                 "escalate_to in [mail] of the configuration.");
}

void wording_add_stuck(const struct speaker *speaker, const struct report *report, struct layout *out) {
    layout_field(out, "Why", "%s", report->facts->unreadable.text);
    layout_paragraph(out,
                     "Nothing was looked at in this run, and nothing done. Each run tells this until one can begin.");
    layout_heading(out, "What to do");
    layout_paragraph(out, "Where another process has the folder, see what it does, and end it if it hangs. Else repair "
                          "the folder as the reason says. Afterwards:");
    command_line_add(out, speaker, "doctor");
}

void wording_matter(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                    struct layout *out) {
    struct timeline timeline;

    add_introduction(out, report, occasion);
    if (occasion->kind == OCCASION_STUCK) {
        wording_add_stuck(speaker, report, out);
        return;
    }
    if (was_read(report))
        add_seen(out, report, occasion);
    else
        add_unseen(out, report, occasion);
    if (occasion->kind != OCCASION_TEST) {
        timeline_make(report, occasion, &timeline);
        layout_timeline(out, &timeline);
    }
    if (occasion->kind != OCCASION_TEST) {
        if (was_read(report) && !is_ordinary(report))
            add_decision(out, report);
        if (report->done_count > 0 || (was_read(report) && !is_ordinary(report)))
            wording_add_done(out, report);
        if (was_read(report) && !is_ordinary(report))
            calendar_add_due(out, report);
        advice_add(speaker, report, occasion, out);
        if (report->facts)
            add_sentences(out, "Also noticed", &report->facts->remarks);
    }
}

void wording_body(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                  struct layout *out) {
    wording_matter(speaker, report, occasion, out);
    wording_footer(speaker, report, out);
}
