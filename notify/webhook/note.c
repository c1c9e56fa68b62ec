#include "notify/webhook/note.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "notify/words/advice.h"
#include "notify/words/calendar.h"
#include "notify/words/command_line.h"
#include "notify/words/servers.h"
#include "notify/words/inventory/certificates.h"
#include "notify/words/inventory/message_words.h"
#include "notify/words/wording.h"

static void add_slot(struct layout *out, const struct report *report, enum slot slot, const char *label) {
    const struct facts *facts = report->facts;
    const struct certificate *certificate = facts->slot[slot].certificate;
    const char *thumbprint = facts->slots.thumbprint[slot];
    const bool dated = slot == SLOT_NEXT && facts->slots.date_readable;
    char minute[CALENDAR_MINUTE_SIZE] = "";
    char left[CALENDAR_LEFT_SIZE];
    char date[TIME_TEXT_SIZE];

    if (dated)
        (void)calendar_minute(minute, facts->slots.date);
    if (thumbprint[0] == '\0')
        layout_field(out, label, "none");
    else if (certificate == NULL)
        layout_field(out, label, "%s, end not known%s%s", thumbprint, dated ? ", becomes current on " : "", minute);
    else
        layout_field(out, label, "%s, %s (%s)%s%s", thumbprint,
                     calendar_left(left, certificate->not_after, report->checked_at),
                     time_format_date(date, certificate->not_after), dated ? ", becomes current on " : "", minute);
}

static void add_servers(struct layout *out, const struct facts *facts, enum slot slot, const char *label) {
    size_t missing = facts_count_presence(facts, slot, PRESENCE_MISSING);
    size_t unreachable = facts_count_presence(facts, slot, PRESENCE_UNREACHABLE);
    struct text names = {0};

    if (facts_counted(facts) == 0 || facts->slots.thumbprint[slot][0] == '\0')
        return;
    if (missing > 0 && servers_add_names(&names, facts, SERVERS_MISSING, slot, SERVERS_NAMES_MOST) == 0)
        text_add(&names, "not named");
    layout_field(out, label, "%zu have it, %zu lack it, %zu did not answer, %zu unknown%s%s",
                 facts_count_presence(facts, slot, PRESENCE_PRESENT), missing, unreachable,
                 facts_count_presence(facts, slot, PRESENCE_UNKNOWN), missing > 0 ? "; lacking: " : "",
                 missing > 0 && names.value != NULL ? names.value : "");
    out->failed = out->failed || names.failed;
    text_free(&names);
}

static void add_seen(struct layout *out, const struct report *report) {
    const struct facts *facts = report->facts;

    layout_field(out, "Organization", "%s", facts->organization != NULL ? facts->organization : "unknown");
    layout_field(out, "State", "%s", status_name(report->decision.status));
    add_slot(out, report, SLOT_CURRENT, "Current");
    add_slot(out, report, SLOT_NEXT, "Next");
    add_servers(out, facts, SLOT_CURRENT, "Servers with current");
    add_servers(out, facts, SLOT_NEXT, "Servers with next");
    if (report->decision.blocked != BLOCK_NONE)
        layout_field(out, "Blocked by", "%s", block_name(report->decision.blocked));
}

static void add_unseen(struct layout *out, const struct report *report, const struct occasion *occasion) {
    char left[CALENDAR_LEFT_SIZE];
    char date[TIME_TEXT_SIZE];

    layout_field(out, "State", "%s", status_name(report->decision.status));
    if (report->facts != NULL && report->facts->unreadable.text[0] != '\0')
        layout_field(out, "Why", "%s", report->facts->unreadable.text);
    if (occasion->known_end != 0)
        layout_field(out, "Last known", "%s, %s (%s)", occasion->known_thumbprint,
                     calendar_left(left, occasion->known_end, report->checked_at),
                     time_format_date(date, occasion->known_end));
}

/* Leaves out what is too long for a room, and says where it is to be had. */
static void cut(struct layout *out, const struct speaker *speaker) {
    size_t length = 0;
    size_t kept = 0;

    while (kept < out->count && length <= WEBHOOK_NOTE_MOST) {
        length += out->blocks[kept].value != NULL ? strlen(out->blocks[kept].value) : 0;
        kept++;
    }
    if (kept == out->count)
        return;
    while (out->count > kept)
        free(out->blocks[--out->count].value);
    layout_paragraph(out, "There is more to it; a page with all of it makes:");
    command_line_add(out, speaker, "report FILE.html");
}

static bool finish(struct webhook_note *note, struct webhook_note *ret_note, struct error *err) {
    if (note->subject == NULL || note->origin == NULL || note->layout.failed) {
        webhook_note_free(note);
        return error_memory(err);
    }
    *ret_note = *note;
    return true;
}

bool webhook_note_make(const struct speaker *speaker, const struct report *report, const struct occasion *occasion,
                       struct webhook_note *ret_note, struct error *err) {
    const bool read = report->facts != NULL && report->facts->read;
    struct webhook_note note = {0};
    struct text subject = {0}, origin = {0};
    char minute[CALENDAR_MINUTE_SIZE];

    message_words_subject(report, occasion, &subject);
    note.subject = text_take(&subject);
    if (occasion->kind == OCCASION_TEST) {
        layout_paragraph(&note.layout, "This message shows that authcert reaches this room. Nothing needs doing.");
    } else if (occasion->kind == OCCASION_STUCK) {
        wording_add_stuck(speaker, report, &note.layout);
    } else if (occasion->kind == OCCASION_INVENTORY) {
        certificates_add_news(&note.layout, occasion->inventory);
    } else {
        wording_add_briefing(report, NULL, &note.layout);
        wording_add_circumstances(report, occasion, &note.layout);
        if (read)
            add_seen(&note.layout, report);
        else
            add_unseen(&note.layout, report, occasion);
        if (report->done_count > 0)
            wording_add_done(&note.layout, report);
        if (read)
            calendar_add_due(&note.layout, report);
        advice_add(speaker, report, occasion, &note.layout);
        if (occasion->inventory != NULL)
            certificates_add_section(&note.layout, occasion->inventory);
    }
    cut(&note.layout, speaker);
    text_format(&origin, "authcert %s on %s, run %s at %s", speaker->version, speaker->host, speaker->run_id,
                calendar_minute(minute, report->checked_at));
    note.origin = text_take(&origin);
    return finish(&note, ret_note, err);
}

bool webhook_note_short(const struct speaker *speaker, const char *subject, struct webhook_note *ret_note,
                        struct error *err) {
    struct webhook_note note = {.subject = strdup(subject)};
    struct text origin = {0};

    layout_paragraph(&note.layout, "The whole message was too large for this room. A page with all of it makes:");
    command_line_add(&note.layout, speaker, "report FILE.html");
    text_format(&origin, "authcert on %s", speaker->host);
    note.origin = text_take(&origin);
    return finish(&note, ret_note, err);
}

void webhook_note_free(struct webhook_note *note) {
    free(note->subject);
    layout_free(&note->layout);
    free(note->origin);
    *note = (struct webhook_note){0};
}
