#include "monitor/show/show.h"

#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "core/inventory/summary.h"
#include "monitor/show/inventory.h"
#include "notify/words/calendar.h"

/* The plug-in interface of Nagios, Icinga and their kin (Monitoring Plugins Development Guidelines): one line that
 * people read, a pipe, data for graphs. Further lines are details. A line feed or a pipe from outside would end the
 * text early and forge data, and many consoles take ASCII alone, so every other character is replaced. */

#define LINE_MOST 800    /* characters of a sentence; transports cut whole answers at 1 to 4 KB */
#define CRITICAL_DAYS 14 /* below this many days current is critical (unless covered) */
#define DETAILS_MOST 8

static void put_ascii(FILE *out, const char *text) {
    size_t count = 0;

    for (const char *c = text; *c != '\0' && count < LINE_MOST; c++) {
        unsigned char byte = (unsigned char)*c;

        if (*c == '|')
            fputc('/', out);
        else if (byte >= 0x20 && byte < 0x7F)
            fputc(*c, out);
        else if (byte < 0x20 || byte == 0x7F)
            fputc(' ', out);
        else if (byte >= 0xC0)
            fputc('?', out); /* one mark for a whole UTF-8 sequence, not one for each byte */
        else
            continue;
        count++;
    }
}

const char *show_status_word(enum status status) {
    switch (status) {
    case STATUS_OK:
        return "OK";
    case STATUS_WARNING:
        return "WARNING";
    case STATUS_CRITICAL:
        return "CRITICAL";
    case STATUS_UNKNOWN:
        return "UNKNOWN";
    }
    return "UNKNOWN";
}

/* "U" is the interface's word for a value that could not be determined. */
static void put_days(FILE *out, const struct report *report, enum slot slot) {
    const struct facts *facts = report->facts;
    enum slot_state state = facts->read ? facts_slot_state(facts, slot, report->checked_at) : SLOT_UNKNOWN;

    /* An agent that sees nothing does not switch the alert off: the text says that it is what was last known. */
    if (slot == SLOT_CURRENT && report->known.end != 0) {
        fprintf(out, "%" PRId64, time_days_left(report->known.end, report->checked_at));
        return;
    }
    if (state == SLOT_EMPTY || state == SLOT_UNKNOWN) {
        fputc('U', out);
        return;
    }
    fprintf(out, "%" PRId64, time_days_left(facts->slot[slot].certificate->not_after, report->checked_at));
}

static void put_servers(FILE *out, const struct facts *facts) {
    size_t missing = 0;
    size_t unreachable = 0;

    for (size_t i = 0; i < facts->server_count; i++) {
        const struct server_facts *server = &facts->servers[i];
        enum presence current = server->presence[SLOT_CURRENT];
        enum presence next = server->presence[SLOT_NEXT];

        if (server->counted) {
            missing += current == PRESENCE_MISSING || next == PRESENCE_MISSING ? 1 : 0;
            unreachable += current == PRESENCE_UNREACHABLE || next == PRESENCE_UNREACHABLE ? 1 : 0;
        }
    }
    fprintf(out, " servers=%zu;;;0 servers_missing=%zu;;;0 servers_unreachable=%zu;;;0", facts_counted(facts), missing,
            unreachable);
}

static void put_data(FILE *out, const struct report *report) {
    struct policy defaults;
    const struct policy *policy = report->policy;
    const struct facts *facts = report->facts;

    if (policy == NULL || policy->warn_count == 0) {
        policy_default(&defaults);
        policy = &defaults;
    }
    fputs(" | current_days=", out);
    put_days(out, report, SLOT_CURRENT);
    /* Ranges of what is good: an alert when the value is below. No least value, as it goes below 0 once it has ended.
     */
    fprintf(out, ";%d:;%d:", policy->warn_days[0], CRITICAL_DAYS);
    if (!facts->read)
        return;
    if (facts->slots.thumbprint[SLOT_NEXT][0] != '\0') {
        fputs(" next_days=", out);
        put_days(out, report, SLOT_NEXT);
    }
    put_servers(out, facts);
}

static void put_line(FILE *out, const char *lead, const char *text) {
    fputs(lead, out);
    put_ascii(out, text);
    fputc('\n', out);
}

static void put_details(FILE *out, const struct report *report) {
    const struct briefing *briefing = &report->briefing;
    char minute[CALENDAR_MINUTE_SIZE], distance[CALENDAR_DISTANCE_SIZE];

    put_line(out, "By itself: ", briefing->by_itself != NULL ? briefing->by_itself : "");
    put_line(out, "Command: ", briefing->command != NULL ? briefing->command : BRIEFING_NO_COMMAND);
    if (report->seen_at != 0)
        fprintf(out, "Seen by: the run of %s, %s\n", calendar_minute(minute, report->seen_at),
                calendar_distance(distance, report->seen_at, report->checked_at));
    for (size_t i = 0; i < report->reasons.count && i < DETAILS_MOST; i++) {
        if (briefing->wrong != NULL && strcmp(report->reasons.items[i].text, briefing->wrong) == 0)
            continue; /* the first line has said it */
        put_line(out, "", report->reasons.items[i].text);
    }
    if (report->decision.blocked != BLOCK_NONE && report->how_to_unblock != NULL) {
        put_line(out, "To unblock: ", report->how_to_unblock);
    }
}

bool show_inventory_nagios(const struct inventory *inventory, int warn_days, time_t now, FILE *out) {
    time_t end = inventory_nearest_end(inventory, NULL);
    struct text summary = {0};
    size_t details = 0;

    summary_add(&summary, inventory, now);
    fprintf(out, "AUTHCERT INVENTORY %s - ", show_status_word(inventory_status(inventory)));
    put_ascii(out, summary.value != NULL ? summary.value : "out of memory");
    text_free(&summary);
    fputs(" | nearest_days=", out);
    if (end != 0)
        fprintf(out, "%" PRId64, time_days_left(end, now));
    else
        fputc('U', out);
    fprintf(out, ";%d:;7: places=%zu critical=%zu warning=%zu\n", warn_days, summary_places(inventory),
            summary_count(inventory, FINDING_CRITICAL), summary_count(inventory, FINDING_WARNING));
    for (size_t i = 0; i < inventory->finding_count && details < DETAILS_MOST; i++) {
        if (inventory->findings[i].severity == FINDING_REMARK)
            continue;
        put_ascii(out, inventory->findings[i].text);
        fputc('\n', out);
        details++;
    }
    return fflush(out) == 0 && !ferror(out);
}

bool show_nagios(const struct report *report, FILE *out) {
    fprintf(out, "AUTHCERT %s - ", show_status_word(report->decision.status));
    put_ascii(out, report->briefing.wrong != NULL && report->briefing.wrong[0] != '\0' ? report->briefing.wrong
                                                                                       : "no summary");
    put_data(out, report);
    fputc('\n', out);
    put_details(out, report);
    return fflush(out) == 0 && !ferror(out);
}
