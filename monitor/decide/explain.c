#include "monitor/decide/explain.h"

#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "monitor/decide/briefing.h"
#include "monitor/decide/decide.h"
#include "monitor/decide/incident.h"
#include "monitor/decide/servers.h"
#include "monitor/decide/unblock.h"
#include "notify/words/calendar.h"
#include "notify/words/entra/entra.h"

static const char *thumbprint(const struct facts *facts, enum slot slot) {
    return facts->slots.thumbprint[slot];
}

static void say_malformed(unsigned malformed, struct remarks *reasons) {
    static const struct {
        enum malformation bit;
        const char *id, *sentence;
    } sentences[] = {
        {MALFORMED_NO_VALUE, "no-value", "There is no thumbprint value: it was never set, or was removed."},
        {MALFORMED_TWO_VALUES, "two-values", "Two values claim the same slot; Exchange fails on such an object."},
        {MALFORMED_LONE_PREVIOUS, "lone-previous",
         "There is a previous thumbprint and no current one; Exchange then takes the previous one for current."},
        {MALFORMED_LONE_NEXT, "lone-next",
         "There is a next thumbprint and no current one; Exchange then takes the next one for current."},
        {MALFORMED_PREFIX, "unknown-prefix", "A value has a prefix other than 0:, 1: or 2:."},
        {MALFORMED_THUMBPRINT, "not-a-thumbprint", "A thumbprint is not 40 hexadecimal digits."},
        {MALFORMED_NEXT_WITHOUT_DATE, "next-without-date",
         "There is a next thumbprint without a next effective date, so Exchange never activates it."},
        {MALFORMED_DATE, "not-a-date",
         "The next effective date is none that can be (it needs a time zone and a year from 1601 on), so when next "
         "takes over is not known."},
        {MALFORMED_HIDDEN, "hidden-value",
         "A thumbprint stands without its prefix beside other values, or with blanks before or inside the prefix: "
         "Exchange takes it for no slot at all."},
    };

    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
        if (malformed & sentences[i].bit)
            remarks_add(reasons, sentences[i].id, "%s", sentences[i].sentence);
}

/* Of each slot's sentence, by the state that it tells. */
static const char *const ids[SLOT_COUNT][SLOT_USABLE + 1] = {
    [SLOT_CURRENT] = {"current-empty", "current-unknown", "current-unusable", "current-usable"},
    [SLOT_PREVIOUS] = {"previous-empty", "previous-unknown", "previous-unusable", "previous-usable"},
    [SLOT_NEXT] = {"next-empty", "next-unknown", "next-unusable", "next-usable"},
};

static void say_leftover(const struct slots *slots, struct remarks *reasons) {
    char date[TIME_TEXT_SIZE];

    if (slots->leftover & LEFTOVER_NEXT_IS_CURRENT)
        remarks_add(reasons, "next-is-current",
                    "The next thumbprint is the current one once more: that is no next to Exchange, which clears it at "
                    "its date.");
    else if ((slots->leftover & LEFTOVER_DATE) && slots->date_readable)
        remarks_add(reasons, "date-without-next",
                    "There is a next effective date, %s, and no next thumbprint: that is nothing to Exchange, which "
                    "clears it then.",
                    time_format_rfc3339(date, slots->date));
    else if (slots->leftover & LEFTOVER_DATE)
        remarks_add(reasons, "date-without-next",
                    "There is a next effective date, which is none that can be, and no next thumbprint: that is "
                    "nothing to Exchange.");
    if (slots->leftover & LEFTOVER_VALUE)
        remarks_add(
            reasons, "inert-value",
            "A thumbprint stands without its prefix, or with blanks in it, beside one of the same slot: Exchange "
            "does not see it. It goes with the next write to the object.");
}

/* Of a certificate that begins or ends within the hours by which servers' local times differ from UTC. */
static void say_local_time(const struct certificate *certificate, const char *name, time_t now,
                           struct remarks *reasons) {
    char at[TIME_TEXT_SIZE];

    if (!certificate_begun_everywhere(certificate, now))
        remarks_add(reasons, "begins-late",
                    "The %s certificate began less than 14 hours ago: Exchange holds local time against UTC, so that "
                    "servers ahead of UTC take it only as many hours later, the last at %s.",
                    name, time_format_rfc3339(at, certificate->not_before + CERTIFICATE_AHEAD));
    if (certificate_may_have_ended(certificate, now))
        remarks_add(reasons, "ends-early",
                    "The %s certificate ends within 12 hours: Exchange holds local time against UTC, so that servers "
                    "west of Greenwich may take it for ended already.",
                    name);
}

/* "ended on 2026-11-21" / "ends on 2026-12-12, in 21 days" / what else makes it unusable. */
static void say_slot(const struct facts *facts, enum slot slot, time_t now, struct remarks *reasons) {
    const struct certificate *certificate = facts->slot[slot].certificate;
    const enum slot_state state = facts_slot_state(facts, slot, now);
    const char *name = slot_name(slot), *id = ids[slot][state];
    char date[TIME_TEXT_SIZE], distance[CALENDAR_DISTANCE_SIZE];

    switch (state) {
    case SLOT_EMPTY:
        if (slot != SLOT_PREVIOUS)
            remarks_add(reasons, id, "No %s certificate is set.", name);
        return;
    case SLOT_UNKNOWN:
        remarks_add(reasons, id, "The %s certificate %s is known by its thumbprint only; no source has its bytes.",
                    name, thumbprint(facts, slot));
        return;
    case SLOT_UNUSABLE:
        if (now >= certificate->not_after)
            remarks_add(reasons, id, "The %s certificate %s ended on %s.", name, certificate->thumbprint,
                        time_format_date(date, certificate->not_after));
        else if (now < certificate->not_before)
            remarks_add(reasons, id, "The %s certificate %s is not valid before %s.", name, certificate->thumbprint,
                        time_format_date(date, certificate->not_before));
        else
            remarks_add(reasons, id, "The %s certificate %s has a key that Exchange cannot use (%s).", name,
                        certificate->thumbprint, certificate->key);
        return;
    case SLOT_USABLE:
        remarks_add(reasons, id, "The %s certificate %s ends on %s, %s.", name, certificate->thumbprint,
                    time_format_date(date, certificate->not_after),
                    calendar_distance(distance, certificate->not_after, now));
        say_local_time(certificate, name, now, reasons);
        return;
    }
}

static void say_next_date(const struct report *report, struct remarks *reasons) {
    const struct facts *facts = report->facts;
    char date[TIME_TEXT_SIZE], new_date[TIME_TEXT_SIZE];

    if (facts->date_unread)
        remarks_add(reasons, "date-not-read",
                    "Whether next has a date is not known: none is shown, and the account may not read "
                    "msExchAuthNextEffectiveDate, or the server does not show it. authcert doctor tells which, and how "
                    "to grant it.");
    if (facts->slots.date_readable && facts->slots.thumbprint[SLOT_NEXT][0] != '\0')
        remarks_add(reasons, "next-effective", "Next becomes current at %s.",
                    time_format_rfc3339(date, facts->slots.date));
    if (report->decision.date != 0)
        remarks_add(reasons, "new-date", "The date to set is %s.",
                    time_format_rfc3339(new_date, report->decision.date));
}

static void say_notes(const struct facts *facts, struct remarks *reasons) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++) {
        const struct certificate *certificate = facts->slot[slot].certificate;

        for (size_t i = 0; certificate != NULL && i < certificate->notes.count; i++)
            remarks_add(reasons, "certificate-note", "The %s certificate: %s", slot_name((enum slot)slot),
                        certificate->notes.items[i]);
    }
}

static void say_row(const struct report *report, struct remarks *reasons) {
    static const char *const why[ROW_COUNT] = {
        [ROW_PROMOTE] = "Current cannot be used and next can: next has to become current at once.",
        [ROW_RESTORE] = "Current cannot be used, but previous still can: it has to become current again.",
        [ROW_REPLACE] = "Current cannot be used and nothing else can take its place: a new certificate is needed now.",
        [ROW_ACTIVATE] = "The next certificate's date has come.",
        [ROW_RESCHEDULE] =
            "The next certificate's date does not fit: current may end first, or no server has next yet.",
        [ROW_RESTAGE] =
            "The next certificate would not do when its time comes: it is unusable at its date, or ends too "
            "early, or no server has it and this host cannot bring it there.",
        [ROW_STAGE] = "Current is near its end and nothing is staged to follow it.",
        [ROW_LEFTOVER] = "What is left over is cleared so that nobody has to wonder about it.",
        [ROW_DELIVER] = "Some servers lack a certificate that the organization uses.",
        [ROW_RETIRE] = "Previous is no longer needed: no token signed with it can still be alive.",
    };
    const enum row row = report->decision.row;

    /* Nobody is to think of another one meanwhile. */
    if (row == ROW_REPLACE && report->incident.step != INCIDENT_NONE)
        remarks_add(reasons, row_name(row), "Current cannot be used; the certificate %s is made to take its place.",
                    report->incident.thumbprint);
    else if (why[row] != NULL)
        remarks_add(reasons, row_name(row), "%s", why[row]);
    if (report->decision.clock_wrong)
        remarks_add(reasons, "clock",
                    "This host's clock cannot be trusted: it differs from the domain controller's or most "
                    "servers', or is earlier than the last run or the program itself.");
    if (report->facts->slots.hidden[SLOT_CURRENT])
        remarks_add(reasons, "hidden-current",
                    "Exchange therefore sees no current certificate: it has to be written as 0:%s, for which no key is "
                    "needed.",
                    thumbprint(report->facts, SLOT_CURRENT));
    for (int other = (int)row + 1; other < ROW_NONE; other++)
        if (report->decision.applies[other])
            remarks_add(reasons, "due-as-well", "Due as well: %s.", row_name((enum row)other));
}

static void say_reasons(struct report *report, const struct history *history) {
    const struct facts *facts = report->facts;
    struct remarks *reasons = &report->reasons;

    if (!facts->read) {
        remarks_add(reasons, "unreadable", "%s", facts->unreadable.text);
        return;
    }
    if (facts_used(facts) == ANSWER_NO)
        remarks_add(reasons, "no-server-uses-it",
                    "No Exchange server of this organization uses the auth certificate: each of the %zu that the "
                    "directory shows is of another version than 2013 and later, an Edge server, or not installed. So "
                    "nothing is made, delivered or written. If it stays so: systemctl disable --now authcert.timer.",
                    facts->server_count);
    say_malformed(facts->slots.malformed, reasons);
    say_leftover(&facts->slots, reasons);
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        say_slot(facts, (enum slot)slot, report->checked_at, reasons);
    say_next_date(report, reasons);
    say_row(report, reasons);
    if (report->decision.row == ROW_UNKNOWN_CERTIFICATE)
        remarks_add(reasons, "sources-asked",
                    "Asked were msExchAuthCertificateData, the certificates kept on this host%s and those imported. "
                    "Do sign-ins fail on all servers since the same hour? Then: authcert recover. Else export the "
                    "certificate on a server and take it in: authcert import FILE.",
                    facts->probed ? ", the servers' metadata documents" : "");
    say_notes(facts, reasons);
    explain_silence(facts, &report->decision, history, reasons);
    explain_servers(facts, history, report->checked_at, reasons);
    entra_add_troubles(facts, report->policy, reasons);
    if (history != NULL && history->rehearsed.lacking.count > 0)
        remarks_add(reasons, "rehearsal-failed",
                    "The emergency was rehearsed, and authcert recover would fail: %s%s; see: authcert recover "
                    "--rehearse.",
                    history->rehearsed.lacking.items[0], history->rehearsed.lacking.count > 1 ? ", and more" : "");
    if (history != NULL && history->act_failed && report->decision.act != ACT_NONE)
        remarks_add(reasons, "act-failed", "The last act that was tried failed.");
}

static struct last_known known_of(const struct facts *facts, const struct history *history) {
    struct last_known known = {0};

    if (history == NULL || facts->slot[SLOT_CURRENT].certificate != NULL ||
        (facts->read && strcmp(facts->slots.thumbprint[SLOT_CURRENT], history->known.thumbprint) != 0))
        return known;
    known.end = history->known.end;
    memcpy(known.thumbprint, history->known.thumbprint, THUMBPRINT_SIZE);
    return known;
}

bool explain_report(const struct facts *facts, const struct history *history, const struct policy *policy, time_t now,
                    struct report *ret_report, struct error *err) {
    struct report report = {.checked_at = now, .facts = facts, .policy = policy};
    bool failed = false;

    report.decision = decide(facts, history, policy, now);
    report.incident = incident_of(facts, history, now);
    say_reasons(&report, history);
    report.known = known_of(facts, history);
    failed = !briefing_make(&report, history, &report.briefing) || report.incident.servers_left.failed ||
             report.reasons.failed;
    if (report.decision.blocked != BLOCK_NONE) {
        report.how_to_unblock = unblock_text(&report);
        failed = failed || report.how_to_unblock == NULL;
    }
    for (int slot = SLOT_CURRENT; facts->read && slot < SLOT_COUNT; slot++) {
        if (facts->slot[slot].certificate != NULL)
            certificate_problems(facts->slot[slot].certificate, now, &report.problems[slot]);
        failed = failed || report.problems[slot].failed;
    }
    if (failed) {
        report_free(&report);
        return error_memory(err);
    }
    *ret_report = report;
    return true;
}
