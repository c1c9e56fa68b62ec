#include "notify/words/headline.h"

#include <string.h>

#include "base/time.h"
#include "notify/words/calendar.h"
#include "notify/words/obstacle.h"

static bool was_read(const struct report *report) {
    return report->facts && report->facts->read;
}

/* What stands first when the state itself is no reason for a message. */
static const char *event_word(enum occasion_kind kind) {
    switch (kind) {
    case OCCASION_FAILED:
        return "FAILED";
    case OCCASION_BLOCKED:
        return "BLOCKED";
    case OCCASION_DONE:
        return "DONE";
    case OCCASION_NONE:
    case OCCASION_TEST:
    case OCCASION_EXPIRY:
    case OCCASION_STATUS:
    case OCCASION_BLIND:
    case OCCASION_RECOVERED:
    case OCCASION_STUCK:
    case OCCASION_INVENTORY:
        break;
    }
    return "OK";
}

const char *headline_state(const struct report *report, const struct occasion *occasion) {
    if (occasion->kind == OCCASION_TEST)
        return "TEST";
    if (occasion->kind == OCCASION_RECOVERED)
        return "RECOVERED";
    switch (report->decision.status) {
    case STATUS_OK:
        return event_word(occasion->kind);
    case STATUS_WARNING:
        return "WARNING";
    case STATUS_CRITICAL:
        return "CRITICAL";
    case STATUS_UNKNOWN:
        break;
    }
    return "UNKNOWN";
}

static const struct certificate *current_of(const struct report *report) {
    return was_read(report) ? report->facts->slot[SLOT_CURRENT].certificate : NULL;
}

/* "auth certificate ends in 21 days (2026-12-12)"; by the last known end where this run saw none. */
static bool add_end(struct text *out, const struct report *report, const struct occasion *occasion) {
    const struct certificate *current = current_of(report);
    time_t end = current ? current->not_after : occasion->known_end;
    char left[CALENDAR_LEFT_SIZE];
    char date[TIME_TEXT_SIZE];

    if (!current && occasion->known_end == 0)
        return false;
    text_format(out, "auth certificate %s (%s%s)", calendar_left(left, end, report->checked_at),
                time_format_date(date, end), current ? "" : ", last known");
    return true;
}

/* "; auth certificate ended 3 days ago (2026-11-20)", behind something else. */
static void add_end_behind(struct text *out, const struct report *report, const struct occasion *occasion) {
    if (current_of(report) || occasion->known_end != 0)
        text_add(out, "; ");
    (void)add_end(out, report, occasion);
}

static void add_takes_over(struct text *out, const struct report *report, const struct done *done) {
    char date[TIME_TEXT_SIZE];

    if (was_read(report) && report->facts->slots.date != 0 &&
        strcmp(report->facts->slots.thumbprint[SLOT_NEXT], done->thumbprint) == 0)
        text_format(out, ", takes over %s", time_format_date(date, report->facts->slots.date));
}

static void add_done(struct text *out, const struct report *report, const struct done *done) {
    switch (done->act) {
    case ACT_MEND:
        text_add(out, "auth configuration repaired");
        return;
    case ACT_STAGE:
        text_add(out, "new certificate staged");
        add_takes_over(out, report, done);
        return;
    case ACT_ACTIVATE:
        text_add(out, "certificate made current");
        return;
    case ACT_RETIRE:
        text_add(out, "previous certificate cleared");
        return;
    case ACT_REPLACE:
        text_add(out, "new certificate made current");
        return;
    case ACT_DELIVER:
        text_add(out, "certificate delivered");
        return;
    case ACT_RESCHEDULE:
        text_add(out, "next certificate given another date");
        add_takes_over(out, report, done);
        return;
    case ACT_WITHDRAW:
        text_add(out, "next certificate taken out");
        return;
    case ACT_REFRESH:
        text_add(out, "services refreshed");
        return;
    case ACT_ENTRA_ADD:
        text_add(out, "certificate given to Entra");
        return;
    case ACT_ENTRA_REMOVE:
        text_add(out, "retired certificate taken out of Entra");
        return;
    case ACT_NONE:
        return;
    }
}

/* On the way to another act. */
static bool goes_without_saying(enum act act) {
    return act == ACT_DELIVER || act == ACT_ENTRA_ADD;
}

/* Every act that was done, in order; what led to another one is left out. */
static void add_all_done(struct text *out, const struct report *report) {
    bool more = false;
    bool first = true;

    for (size_t i = 0; i < report->done_count; i++)
        more = more || (report->done[i].ok && !goes_without_saying(report->done[i].act));
    for (size_t i = 0; i < report->done_count; i++) {
        const struct done *done = &report->done[i];

        if (!done->ok || done->act == ACT_NONE || (more && goes_without_saying(done->act)))
            continue;
        text_add(out, first ? "" : "; ");
        add_done(out, report, done);
        first = false;
    }
}

/* "stage failed", of the gravest act: one that writes rather than a delivery, the last rather than the first. */
static void add_failed(struct text *out, const struct report *report) {
    enum act act = ACT_NONE;

    for (size_t i = 0; i < report->done_count; i++)
        if (!report->done[i].ok && (act == ACT_NONE || act == ACT_DELIVER || report->done[i].act != ACT_DELIVER))
            act = report->done[i].act;
    text_format(out, "%s failed", act == ACT_NONE ? "an act" : act_name(act));
}

/* The same for every kind of message about a directory that could not be read. */
static void add_blind(struct text *out, const struct report *report, const struct occasion *occasion) {
    char date[TIME_TEXT_SIZE];

    text_add(out, "the directory cannot be read");
    if (occasion->blind_since != 0)
        text_format(out, " since %s", time_format_date(date, occasion->blind_since));
    if (occasion->known_end != 0)
        text_add(out, "; ");
    (void)add_end(out, report, occasion);
}

void headline_add(struct text *out, const struct report *report, const struct occasion *occasion) {
    size_t before = out->length;

    switch (occasion->kind) {
    case OCCASION_TEST:
        text_add(out, "test message");
        break;
    case OCCASION_STUCK:
        text_add(out, "the run could not begin: the state folder cannot be used");
        break;
    case OCCASION_BLIND:
        add_blind(out, report, occasion);
        break;
    case OCCASION_EXPIRY:
        if (!was_read(report))
            add_blind(out, report, occasion);
        else
            (void)add_end(out, report, occasion);
        break;
    case OCCASION_FAILED:
        add_failed(out, report);
        add_end_behind(out, report, occasion);
        break;
    case OCCASION_BLOCKED:
        text_format(out, "%s waits: %s", act_name(report->decision.act), obstacle_reason(report));
        add_end_behind(out, report, occasion);
        break;
    case OCCASION_DONE:
        add_all_done(out, report);
        add_end_behind(out, report, occasion);
        break;
    case OCCASION_NONE:
    case OCCASION_STATUS:
    case OCCASION_RECOVERED:
    case OCCASION_INVENTORY:
        break;
    }
    if (out->length == before && !out->failed)
        text_add(out,
                 report->briefing.wrong && report->briefing.wrong[0] ? report->briefing.wrong : "the state changed");
}
