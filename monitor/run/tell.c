#include "monitor/run/tell.h"

#include <string.h>

#include "base/time.h"
#include "monitor/decide/due.h"
#include "monitor/state/organization.h"
#include "monitor/decide/severity.h"

#define BLIND_NEAR_END (CRITICAL_DAYS * (int64_t)SECONDS_PER_DAY)
#define REPEAT_DAYS 7 /* after which what did not change is told again */

/* What one track has told of the time left. */
struct told_before {
    int threshold; /* the smallest one told; 0 = none */
    time_t at;     /* 0 = never */
};

/* Whether the time left gives reason for a message: a threshold crossed since the last one told, or one more date below
 * the smallest threshold. */
static bool crosses(const struct report *report, int64_t left, struct told_before before, int *ret_threshold) {
    const struct policy *policy = report->policy;
    int crossed = due_threshold(policy, left);
    int64_t today = time_utc_date(report->checked_at);
    int64_t told = time_utc_date(before.at);

    if (crossed == 0)
        return false;
    /* What was told on a date yet to come was told under a wrong clock and counts for nothing. */
    if (before.threshold == 0 || crossed < before.threshold || told > today) {
        *ret_threshold = crossed;
        return true;
    }
    *ret_threshold = 0;
    return crossed == policy->warn_days[policy->warn_count - 1] && (before.at == 0 || told != today);
}

static bool expiry_is_due(const struct report *report, const struct history *history, const char *thumbprint,
                          time_t end, int *ret_threshold) {
    struct told_before before = {0};

    if (strcmp(history->told.thumbprint, thumbprint) == 0)
        before = (struct told_before){.threshold = history->told.threshold, .at = history->told.expiry_at};
    return crosses(report, end - report->checked_at, before, ret_threshold);
}

/* Has a week gone by since then, or is it yet to come, by a clock that was wrong? */
static bool is_long_ago(const struct report *report, time_t told_at) {
    int64_t days = time_utc_date(report->checked_at) - time_utc_date(told_at);

    return days >= REPEAT_DAYS || days < 0;
}

static bool did_any(const struct report *report, bool ok) {
    for (size_t i = 0; i < report->done_count; i++)
        if (report->done[i].ok == ok)
            return true;
    return false;
}

/* The acts that failed in this run, each in words that stay the same as long as the failure does. */
static struct strings failures(const struct report *report) {
    struct strings list = {0};

    for (size_t i = 0; i < report->done_count; i++) {
        const struct done *done = &report->done[i];
        const char *detail = done->detail != NULL ? done->detail : "";
        char printable[ERROR_TEXT_SIZE];

        (void)text_printable(printable, sizeof(printable), detail, strlen(detail));
        if (!done->ok)
            strings_add(&list, "%s %s: %s", act_name(done->act), done->thumbprint, printable);
    }
    return list;
}

/* Did an act fail that was not told as failed in these words, or was told long ago? */
static bool failure_is_due(const struct report *report, const struct history *history) {
    struct strings list = failures(report);
    bool due = list.failed || (list.count > 0 && is_long_ago(report, history->told.failed_at));

    for (size_t i = 0; i < list.count; i++)
        due = due || !strings_contain(&history->told.failed, list.items[i]);
    strings_free(&list);
    return due;
}

/* What is last known of current, for a report that does not show it. */
static void add_known(struct occasion *occasion, const struct history *history, time_t end) {
    occasion->known_end = end;
    (void)organization_of_dn(history->organization_dn, occasion->known_organization, OCCASION_NAME_SIZE);
    memcpy(occasion->known_thumbprint, history->known.thumbprint, THUMBPRINT_SIZE);
}

static struct occasion choose_blind(const struct report *report, const struct history *history) {
    struct occasion occasion = {.blind_since = history->blind.since};
    int64_t left = history->known.end - report->checked_at;
    bool near = history->known.end != 0 && left <= BLIND_NEAR_END;
    bool due;

    add_known(&occasion, history, history->known.end);
    if (history->blind.told != 0)
        due = is_long_ago(report, history->blind.told);
    else
        due = near || time_utc_date(report->checked_at) > time_utc_date(history->blind.since);
    if (due)
        occasion.kind = OCCASION_BLIND;
    if (history->known.end != 0 &&
        expiry_is_due(report, history, history->known.thumbprint, history->known.end, &occasion.threshold_days))
        occasion.kind = due ? OCCASION_BLIND : OCCASION_EXPIRY;
    /* The directory went away in mid-run, after an act. */
    if (occasion.kind == OCCASION_NONE && did_any(report, false) && failure_is_due(report, history))
        occasion.kind = OCCASION_FAILED;
    else if (occasion.kind == OCCASION_NONE && did_any(report, true))
        occasion.kind = OCCASION_DONE;
    occasion.escalate =
        occasion.kind != OCCASION_NONE && history->known.end != 0 && left <= report->policy->escalate_at;
    return occasion;
}

/* A trouble that no act mends is news even where the status was as bad before, for another reason. */
static bool is_new_alarm(const struct report *report, const struct history *history) {
    const enum row row = report->decision.row;

    return ((row == ROW_MALFORMED || row == ROW_UNKNOWN_CERTIFICATE) && row != history->told.blocked_row) ||
           (report->decision.silence != SILENCE_NONE && !history->told.silence);
}

/* A due act that is held back and worth a message. Retiring can wait, remarks are no news, and that mode monitor only
 * watches is none either: thresholds and the status tell what it sees. */
static bool is_held_back(const struct report *report) {
    const struct decision *decision = &report->decision;

    return decision->blocked != BLOCK_NONE && decision->blocked != BLOCK_MODE && decision->row != ROW_RETIRE &&
           decision->row != ROW_LEFTOVER && !decision->unblocked_remark;
}

/* Was it not told as such, or has the end come nearer since? */
static bool block_is_due(const struct report *report, const struct history *history, time_t end, int *ret_threshold) {
    const struct told_before before = {.threshold = history->told.blocked_threshold, .at = history->told.blocked_at};

    if (!is_held_back(report))
        return false;
    return report->decision.row != history->told.blocked_row || report->decision.blocked != history->told.block ||
           (end != 0 && crosses(report, end - report->checked_at, before, ret_threshold));
}

/* The end of current, from this look or, where its bytes are known no more, from an earlier one. 0 = never known, or
 * of no use to anybody. */
static time_t end_of_current(const struct report *report, const struct history *history) {
    const struct certificate *current = report->facts->slot[SLOT_CURRENT].certificate;
    const char *thumbprint = report->facts->slots.thumbprint[SLOT_CURRENT];

    if (facts_used(report->facts) == ANSWER_NO)
        return 0;
    if (current != NULL)
        return current->not_after;
    return thumbprint[0] != '\0' && strcmp(thumbprint, history->known.thumbprint) == 0 ? history->known.end : 0;
}

/* What every message says of what was seen, whatever it is about. */
static struct occasion seen_of(const struct report *report, const struct history *history, time_t end) {
    struct occasion occasion = {.before = history->told.status_known ? history->told.status : report->decision.status};

    if (history->blind.told != 0)
        occasion.blind_since = history->blind.since;
    if (end != 0 && report->facts->slot[SLOT_CURRENT].certificate == NULL)
        add_known(&occasion, history, end);
    occasion.escalate = report->decision.status != STATUS_OK && end != 0 && !report->decision.covered &&
                        end - report->checked_at <= report->policy->escalate_at;
    return occasion;
}

static struct occasion choose_seen(const struct report *report, const struct history *history) {
    time_t end = end_of_current(report, history);
    struct occasion occasion = seen_of(report, history, end);
    enum status status = report->decision.status;
    bool was_blind = history->blind.told != 0;
    bool was_troubled =
        was_blind || history->incident.since != 0 || (history->told.status_known && history->told.status != STATUS_OK);
    bool is_over = was_troubled && status == STATUS_OK && !did_any(report, false);
    bool nearer =
        end != 0 && !report->decision.covered &&
        expiry_is_due(report, history, report->facts->slots.thumbprint[SLOT_CURRENT], end, &occasion.threshold_days);

    if (did_any(report, false) && (nearer || failure_is_due(report, history)))
        occasion.kind = OCCASION_FAILED;
    else if (nearer)
        occasion.kind = OCCASION_EXPIRY;
    else if (status != STATUS_OK &&
             (!history->told.status_known || status != history->told.status || is_new_alarm(report, history)))
        occasion.kind = OCCASION_STATUS;
    else if (block_is_due(report, history, end, &occasion.threshold_days))
        occasion.kind = OCCASION_BLOCKED;
    else if (did_any(report, true))
        occasion.kind = OCCASION_DONE;
    else if (is_over || was_blind)
        occasion.kind = is_over ? OCCASION_RECOVERED : OCCASION_STATUS;
    occasion.recovered = occasion.kind != OCCASION_NONE && is_over;
    occasion.escalate =
        occasion.kind != OCCASION_NONE && (occasion.escalate || (occasion.recovered && history->incident.escalated));
    return occasion;
}

struct occasion tell_choose(const struct report *report, const struct history *history) {
    struct occasion occasion = report->facts->read ? choose_seen(report, history) : choose_blind(report, history);

    if (occasion.kind != OCCASION_NONE)
        occasion.thread = history->incident.thread;
    return occasion;
}

struct occasion tell_again(const struct report *report, const struct history *history) {
    struct occasion occasion = {.kind = OCCASION_BLIND, .blind_since = history->blind.since};

    if (report->facts->read) {
        occasion = seen_of(report, history, end_of_current(report, history));
        occasion.kind = report->decision.status == STATUS_OK ? OCCASION_RECOVERED : OCCASION_STATUS;
    } else {
        add_known(&occasion, history, history->known.end);
    }
    occasion.thread = history->incident.thread;
    return occasion;
}

static bool is_alarm(enum occasion_kind kind) {
    switch (kind) {
    case OCCASION_EXPIRY:
    case OCCASION_STATUS:
    case OCCASION_BLIND:
    case OCCASION_FAILED:
    case OCCASION_BLOCKED:
        return true;
    case OCCASION_NONE:
    case OCCASION_TEST:
    case OCCASION_DONE:
    case OCCASION_RECOVERED:
    case OCCASION_STUCK:
    case OCCASION_INVENTORY:
        break;
    }
    return false;
}

/* The first alarm begins an incident, the all-clear ends it. */
static void remember_incident(struct history *history, const struct report *report, const struct occasion *occasion) {
    struct incident *incident = &history->incident;

    if (occasion->recovered) {
        *incident = (struct incident){0};
        return;
    }
    if (incident->since == 0 && !is_alarm(occasion->kind))
        return;
    if (incident->since == 0)
        incident->since = report->checked_at;
    incident->escalated = incident->escalated || occasion->escalate;
    for (size_t i = 0; i < report->told_count && incident->thread.id[0] == '\0'; i++)
        incident->thread = report->told[i].thread;
}

/* Every message lists all that failed, so any message tells it. */
static void remember_failures(struct history *history, const struct report *report, const struct occasion *occasion) {
    if (did_any(report, false) ? occasion->kind == OCCASION_NONE : !report->facts->read)
        return;
    strings_free(&history->told.failed);
    history->told.failed = failures(report);
    history->told.failed_at = history->told.failed.count > 0 ? report->checked_at : 0;
}

static void remember_expiry(struct history *history, const struct report *report, const char *thumbprint, time_t end) {
    memcpy(history->told.thumbprint, thumbprint, THUMBPRINT_SIZE);
    history->told.threshold = due_threshold(report->policy, end - report->checked_at);
    history->told.expiry_at = report->checked_at;
}

static void remember_block(struct history *history, const struct report *report, const struct occasion *occasion,
                           time_t end) {
    history->told.blocked_row = report->decision.row;
    history->told.block = report->decision.blocked;
    if (!is_held_back(report)) {
        history->told.blocked_threshold = 0;
        history->told.blocked_at = 0;
    } else if (occasion->kind != OCCASION_NONE) {
        history->told.blocked_threshold = end != 0 ? due_threshold(report->policy, end - report->checked_at) : 0;
        history->told.blocked_at = report->checked_at;
    }
}

void tell_remember(struct history *history, const struct report *report, const struct occasion *occasion) {
    time_t end;

    remember_incident(history, report, occasion);
    remember_failures(history, report, occasion);
    if (!report->facts->read) {
        if (occasion->kind == OCCASION_BLIND)
            history->blind.told = report->checked_at;
        if (occasion->kind != OCCASION_NONE && occasion->known_end != 0)
            remember_expiry(history, report, occasion->known_thumbprint, occasion->known_end);
        return;
    }
    /* Every message names the end of current, so any message counts as the threshold's, unless none was to be told. */
    end = end_of_current(report, history);
    if (occasion->kind != OCCASION_NONE && end != 0 && !report->decision.covered)
        remember_expiry(history, report, report->facts->slots.thumbprint[SLOT_CURRENT], end);
    remember_block(history, report, occasion, end);
    history->told.silence =
        report->decision.silence != SILENCE_NONE && (history->told.silence || occasion->kind != OCCASION_NONE);
    history->told.status_known = true;
    history->told.status = report->decision.status;
    history->blind.since = 0;
    history->blind.told = 0;
}
