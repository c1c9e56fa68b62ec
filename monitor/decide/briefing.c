#include "monitor/decide/briefing.h"

#include "base/time.h"
#include "notify/words/calendar.h"
#include "notify/words/command_line.h"
#include "notify/words/handover.h"
#include "notify/words/obstacle.h"
#include "notify/words/renewal.h"
#include "notify/words/servers.h"

#define NAMES_MOST 5

static const struct certificate *current_of(const struct report *report) {
    return report->facts->slot[SLOT_CURRENT].certificate;
}

static bool is_monitor(const struct report *report) {
    return report->policy->mode == MODE_MONITOR;
}

/* "ends on 2026-12-12, in 21 days" */
static void add_end_of(struct text *out, time_t end, time_t now) {
    char date[TIME_TEXT_SIZE];
    char distance[CALENDAR_DISTANCE_SIZE];

    text_format(out, "%s on %s, %s", end > now ? "ends" : "ended", time_format_date(date, end),
                calendar_distance(distance, end, now));
}

static void add_end(struct text *out, const struct report *report) {
    if (current_of(report) == NULL)
        text_add(out, "is not known");
    else
        add_end_of(out, current_of(report)->not_after, report->checked_at);
}

/* What runs before this one knew of the end, where this one does not. */
static void add_known_end(struct text *out, const struct report *report) {
    if (report->known.end == 0)
        return;
    text_add(out, "; by what was last known the auth certificate ");
    add_end_of(out, report->known.end, report->checked_at);
}

/* A wrong configuration or a trouble of this host speaks for itself; the rest came of asking the directory. */
static void wrong_unreadable(struct text *out, const struct report *report) {
    const struct error *why = &report->facts->unreadable;
    bool asked = why->kind != ERROR_CONFIG && why->kind != ERROR_LOCAL;

    text_format(out, "%s%s", asked ? "the directory could not be read: " : "", why->text);
    add_known_end(out, report);
}

static void wrong_malformed(struct text *out, const struct report *report) {
    if (report->facts->slots.malformed & MALFORMED_NO_VALUE) {
        text_add(out, "no auth certificate is set");
        return;
    }
    text_add(out, "the auth configuration is malformed, so Exchange fails on it now");
    if (current_of(report) == NULL)
        return;
    text_add(out, "; its current certificate ");
    add_end(out, report);
}

static void wrong_unknown(struct text *out, const struct report *report) {
    const struct facts *facts = report->facts;

    if (facts_probably_ended(facts, report->checked_at)) {
        text_format(
            out, "the auth certificate %s has very probably ended: of the servers that answered none lists it any more",
            facts->slots.thumbprint[SLOT_CURRENT]);
        return;
    }
    if (facts_slot_state(facts, SLOT_CURRENT, report->checked_at) == SLOT_UNKNOWN)
        text_format(out, "the auth certificate %s is known by its thumbprint only, so nobody sees when it ends",
                    facts->slots.thumbprint[SLOT_CURRENT]);
    else
        text_format(out, "the auth certificate cannot be used, and next %s is known by its thumbprint only",
                    facts->slots.thumbprint[SLOT_NEXT]);
    add_known_end(out, report);
}

/* Why current cannot be used. */
static void add_unusable(struct text *out, const struct report *report) {
    const struct certificate *current = current_of(report);

    text_add(out, "the auth certificate ");
    if (current->not_after <= report->checked_at)
        add_end(out, report);
    else if (current->not_before > report->checked_at)
        text_add(out, "is not valid yet");
    else if (certificate_usable(current, report->checked_at)) {
        add_end(out, report);
        text_add(out, ", and may have ended already on servers west of Greenwich");
    } else {
        text_format(out, "has a key that Exchange cannot use (%s)", current->key);
    }
}

static void wrong_deliver(struct text *out, const struct report *report) {
    const struct facts *facts = report->facts;
    const enum slot slot = facts_count_presence(facts, SLOT_CURRENT, PRESENCE_MISSING) > 0 ? SLOT_CURRENT : SLOT_NEXT;

    text_format(out, "the %s auth certificate is missing on ", slot_name(slot));
    (void)servers_add_names(out, facts, SERVERS_MISSING, slot, NAMES_MOST);
}

/* Nothing is due; what is wrong all the same, or that all is well. */
static void wrong_none(struct text *out, const struct report *report) {
    const struct facts *facts = report->facts;
    const struct decision *decision = &report->decision;
    char date[TIME_TEXT_SIZE];

    if (facts->slots.thumbprint[SLOT_NEXT][0] != '\0' && facts->slot[SLOT_NEXT].certificate == NULL)
        text_format(out, "next %s is known by its thumbprint only; the auth certificate ",
                    facts->slots.thumbprint[SLOT_NEXT]);
    else if (facts->record_foreign)
        text_add(out, "a record in the directory claims a key pair of this host that it did not write; the auth "
                      "certificate ");
    else if (decision->silence != SILENCE_NONE)
        text_add(out, decision->silence == SILENCE_REFUSING
                          ? "every Exchange server that answers does so with HTTP 500; the auth certificate "
                          : "nothing was learned from the Exchange servers for nights; the auth certificate ");
    else if (decision->status == STATUS_OK)
        text_add(out, "all is well: the auth certificate ");
    else
        text_add(out, "the auth certificate ");
    add_end(out, report);
    if (decision->covered)
        text_format(out, ", and the next one takes over on %s", time_format_date(date, facts->slots.date));
}

static void wrong_row(struct text *out, const struct report *report) {
    switch (report->decision.row) {
    case ROW_UNREADABLE:
        wrong_unreadable(out, report);
        return;
    case ROW_MALFORMED:
        wrong_malformed(out, report);
        return;
    case ROW_UNKNOWN_CERTIFICATE:
        wrong_unknown(out, report);
        return;
    case ROW_PROMOTE:
        add_unusable(out, report);
        text_add(out, "; the next one can take its place at once");
        return;
    case ROW_RESTORE:
        add_unusable(out, report);
        text_add(out, "; the previous one can take its place");
        return;
    case ROW_REPLACE:
        add_unusable(out, report);
        text_add(out, ", and nothing else can take its place");
        return;
    case ROW_ACTIVATE:
        text_add(out, "the date of the next auth certificate has come; the present one ");
        break;
    case ROW_RESCHEDULE:
        text_add(out, "the date on which the next auth certificate takes over does not fit; the present one ");
        break;
    case ROW_RESTAGE:
        text_add(out, "the next auth certificate will not do when its time comes; the present one ");
        break;
    case ROW_STAGE:
        text_add(out, report->decision.status == STATUS_OK
                          ? "all is well: it is time for the successor of the auth certificate, which "
                          : "nobody has prepared the successor of the auth certificate, which ");
        break;
    case ROW_LEFTOVER:
        wrong_none(out, report);
        return;
    case ROW_DELIVER:
        wrong_deliver(out, report);
        text_add(out, "; the present one ");
        break;
    case ROW_RETIRE:
        text_add(out, "the previous auth certificate is no longer needed; the present one ");
        break;
    case ROW_NONE:
        wrong_none(out, report);
        return;
    }
    add_end(out, report);
}

/* The servers that a recovery waits for. */
static void add_left(struct text *out, const struct incident_report *incident) {
    size_t count = 0;

    for (; count < incident->servers_left.count; count++)
        text_add_name(out, incident->servers_left.items[count], count, NAMES_MOST);
    text_add_more(out, count, NAMES_MOST);
    if (count == 0)
        text_add(out, "the Exchange servers");
}

/* A recovery that is under way comes before everything else. False when there is none. */
static bool wrong_incident(struct text *out, const struct report *report) {
    const struct incident_report *incident = &report->incident;
    char minute[CALENDAR_MINUTE_SIZE];

    switch (incident->step) {
    case INCIDENT_MADE:
        text_format(out, "a recovery is half-way since %s: the new auth certificate %s has to be brought to ",
                    calendar_minute(minute, incident->since), incident->thumbprint);
        add_left(out, incident);
        return true;
    case INCIDENT_DELIVERED:
        text_format(
            out, "a recovery is half-way since %s: the new auth certificate %s is on the servers and not current yet",
            calendar_minute(minute, incident->since), incident->thumbprint);
        return true;
    case INCIDENT_WRITTEN:
        text_format(out, "the auth certificate %s was made current and is not in use yet on ", incident->thumbprint);
        add_left(out, incident);
        return true;
    case INCIDENT_NONE:
    case INCIDENT_SERVED:
        break;
    }
    return false;
}

static bool by_itself_incident(struct text *out, const struct report *report, const struct history *history) {
    char minute[CALENDAR_MINUTE_SIZE];

    switch (report->incident.step) {
    case INCIDENT_MADE:
        if (is_monitor(report) || report->policy->method == DELIVERY_BY_HAND)
            text_add(out, "nothing: it goes on once someone has imported it there and confirmed that");
        else
            text_add(out, "each run tries the delivery again");
        return true;
    case INCIDENT_DELIVERED:
        text_add(out, is_monitor(report) ? "nothing: with mode = monitor authcert only watches"
                                         : "the next run makes it current");
        return true;
    case INCIDENT_WRITTEN:
        text_format(out,
                    "Exchange takes it into use until %s; at once on a server where someone restarts "
                    "MSExchangeServiceHost and recycles MSExchangeOWAAppPool and MSExchangeECPAppPool",
                    calendar_minute(minute, history->emergency.written_at + EMERGENCY_SETTLES));
        return true;
    case INCIDENT_NONE:
    case INCIDENT_SERVED:
        break;
    }
    return false;
}

/* Does the program, or Exchange, act on that date? */
static bool is_act(const struct report *report, enum due_what what) {
    return what == DUE_ACTIVATE || (!is_monitor(report) && (what == DUE_STAGE || what == DUE_RETIRE));
}

/* The next dated event that somebody else than a person brings about: an act, or a warning where there is none. */
static void by_itself_next(struct text *out, const struct report *report) {
    const struct decision *decision = &report->decision;
    char minute[CALENDAR_MINUTE_SIZE];
    const bool held = facts_hybrid_waits(report->facts, report->policy);
    const struct due *found = NULL;

    for (size_t i = 0; i < decision->due_count; i++) {
        const struct due *due = &decision->due[i];

        if (due->at > report->checked_at && (is_act(report, due->what) || due->what == DUE_WARN) &&
            (found == NULL || (found->what == DUE_WARN && is_act(report, due->what))))
            found = due;
    }
    if (found == NULL) {
        text_add(out, "authcert looks again every night");
        return;
    }
    text_format(out, "on %s ", calendar_minute(minute, found->at));
    if (found->what == DUE_STAGE)
        text_add(out, held ? "the next certificate is due, and authcert waits for a person because of Entra"
                           : "authcert makes and stages the next certificate");
    else if (found->what == DUE_ACTIVATE)
        text_format(out, "%s makes the next certificate current", is_monitor(report) || held ? "Exchange" : "authcert");
    else
        text_add(out, found->what == DUE_RETIRE ? "authcert clears the previous certificate" : "authcert warns");
}

static void by_itself_monitor(struct text *out, const struct report *report) {
    if (report->decision.row == ROW_LEFTOVER)
        text_add(out, "Exchange clears by itself what is left over in the auth configuration");
    else if (report->decision.row == ROW_ACTIVATE)
        text_add(out, "Exchange makes the next one current within 12 hours after its date");
    else
        text_add(out, "nothing: with mode = monitor authcert only watches and tells");
}

static void by_itself(struct text *out, const struct report *report) {
    const struct decision *decision = &report->decision;

    if (decision->row == ROW_UNREADABLE)
        text_add(out, "every run tries again");
    else if (decision->row == ROW_NONE)
        by_itself_next(out, report);
    else if (decision->row == ROW_MALFORMED && decision->act == ACT_NONE)
        text_add(out, "nothing: authcert does not repair this alone, because something could be lost");
    else if (decision->act == ACT_NONE)
        text_add(out, "nothing: authcert does not act on what it does not know");
    else if (decision->blocked == BLOCK_MODE)
        by_itself_monitor(out, report);
    else if (decision->blocked == BLOCK_NONE)
        text_format(out, "the next run %s", renewal_does(report));
    else
        text_format(out, "nothing for now: %s; every run tries again", obstacle_reason(report));
}

/* What a person can type although a run of its own does not do it. */
static const char *typed_act(const struct decision *decision) {
    switch (decision->row) {
    case ROW_PROMOTE:
    case ROW_RESTORE:
    case ROW_REPLACE:
    case ROW_MALFORMED:
        return "recover";
    case ROW_ACTIVATE:
        return "activate";
    case ROW_RESTAGE:
    case ROW_RESCHEDULE:
        return "renew --again";
    case ROW_STAGE:
        return "renew";
    case ROW_DELIVER:
        return "deliver";
    case ROW_RETIRE:
        return "retire";
    case ROW_UNREADABLE:
    case ROW_UNKNOWN_CERTIFICATE:
    case ROW_LEFTOVER:
    case ROW_NONE:
        break;
    }
    return NULL;
}

/* The one command without the program's name; "" when there is nothing to do. */
static void add_command(struct text *out, const struct report *report) {
    const struct decision *decision = &report->decision;
    const struct candidate_facts *candidate = &report->facts->candidate;
    const char *words = NULL;

    if (report->incident.step == INCIDENT_WRITTEN)
        return;
    if (decision->row == ROW_UNREADABLE)
        words = report->facts->unreadable.kind == ERROR_CONFIG ? "config check" : "doctor";
    else if (decision->row == ROW_UNKNOWN_CERTIFICATE)
        words = facts_probably_ended(report->facts, report->checked_at) ? "recover" : "import FILE";
    else if (report->incident.step == INCIDENT_DELIVERED)
        words = "recover";
    else if ((decision->act == ACT_STAGE || decision->act == ACT_REPLACE) && candidate->thumbprint[0] != '\0' &&
             candidate->delivery == DELIVERY_WAITING)
        text_format(out, "export %s " HANDOVER_FILE, candidate->thumbprint);
    else if (decision->row == ROW_LEFTOVER || decision->row == ROW_NONE)
        words = decision->silence != SILENCE_NONE ? "doctor" : NULL;
    else if (decision->blocked == BLOCK_NONE)
        /* The next run does it, but nobody waits for that while sign-ins fail. */
        words = decision->status == STATUS_CRITICAL ? typed_act(decision) : NULL;
    else if (decision->blocked == BLOCK_MODE || decision->blocked == BLOCK_HYBRID)
        words = decision->unblocked_remark ? NULL : typed_act(decision);
    else if (decision->blocked == BLOCK_ENTRA)
        words = "entra status";
    else if (decision->blocked == BLOCK_DELIVERY)
        words = decision->act == ACT_DELIVER ? "deliver" : "run";
    else
        words = "doctor";
    text_add(out, words != NULL ? words : "");
}

bool briefing_make(const struct report *report, const struct history *history, struct briefing *ret_briefing) {
    struct text wrong = {0}, itself = {0}, words = {0}, command = {0};
    bool ok;

    if (report->facts->read && facts_used(report->facts) == ANSWER_NO)
        text_add(&wrong, "no Exchange server uses the auth certificate; ");
    if (!wrong_incident(&wrong, report))
        wrong_row(&wrong, report);
    if (!by_itself_incident(&itself, report, history))
        by_itself(&itself, report);
    add_command(&words, report);
    if (words.length > 0) {
        command_line_begin(&command, report->policy->config);
        text_format(&command, " %s", words.value);
    }
    ok = !wrong.failed && !itself.failed && !words.failed && !command.failed;
    ret_briefing->command = command.length > 0 ? text_take(&command) : NULL;
    ret_briefing->wrong = text_take(&wrong);
    ret_briefing->by_itself = text_take(&itself);
    text_free(&words);
    return ok && ret_briefing->wrong != NULL && ret_briefing->by_itself != NULL;
}
