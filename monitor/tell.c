#include "monitor/tell.h"

#include <string.h>

#include "core/time.h"
#include "monitor/due.h"
#include "monitor/severity.h"

#define BLIND_NEAR_END (CRITICAL_DAYS * (int64_t)SECONDS_PER_DAY)
#define BLIND_REPEAT_DAYS 7

/* Whether the time left until `end` gives reason for a message: a threshold crossed since the last one told for this
 * certificate, or one more date below the smallest threshold. */
static bool expiry_is_due(const struct report *report, const struct history *history, const char *thumbprint,
                          time_t end, int *ret_threshold) {
    const struct policy *policy = report->policy;
    int crossed = due_threshold(policy, end - report->checked_at);
    int64_t today = time_utc_date(report->checked_at);
    int64_t told = time_utc_date(history->told_expiry_at);
    /* What was told on a date yet to come was told under a wrong clock and counts for nothing. */
    bool same = strcmp(history->told_thumbprint, thumbprint) == 0 && told <= today;
    bool told_today = same && history->told_expiry_at != 0 && told == today;

    if (crossed == 0)
        return false;
    if (!same || history->told_threshold == 0 || crossed < history->told_threshold) {
        *ret_threshold = crossed;
        return true;
    }
    *ret_threshold = 0;
    return crossed == policy->warn_days[policy->warn_count - 1] && !told_today;
}

static bool did_any(const struct report *report, bool ok) {
    for (size_t i = 0; i < report->done_count; i++)
        if (report->done[i].ok == ok)
            return true;
    return false;
}

static struct occasion choose_blind(const struct report *report, const struct history *history) {
    struct occasion occasion = {.known_end = history->known_end, .blind_since = history->blind_since};
    int64_t left = history->known_end - report->checked_at;
    int64_t today = time_utc_date(report->checked_at);
    bool near = history->known_end != 0 && left <= BLIND_NEAR_END;
    bool due;

    memcpy(occasion.known_thumbprint, history->known_thumbprint, THUMBPRINT_SIZE);
    if (history->blind_told != 0 && time_utc_date(history->blind_told) <= today)
        due = today - time_utc_date(history->blind_told) >= BLIND_REPEAT_DAYS;
    else
        due = near || today > time_utc_date(history->blind_since);
    if (due)
        occasion.kind = OCCASION_BLIND;
    if (history->known_end != 0 &&
        expiry_is_due(report, history, history->known_thumbprint, history->known_end, &occasion.threshold_days))
        occasion.kind = due ? OCCASION_BLIND : OCCASION_EXPIRY;
    /* The directory went away in mid-run, after an act. */
    if (occasion.kind == OCCASION_NONE && report->done_count > 0)
        occasion.kind = did_any(report, false) ? OCCASION_FAILED : OCCASION_DONE;
    occasion.escalate =
        occasion.kind != OCCASION_NONE && history->known_end != 0 && left <= report->policy->escalate_at;
    return occasion;
}

/* A due act that is held back, and was not told as such. Retiring can wait, remarks are no news, and that mode monitor
 * only watches is none either: thresholds and the status tell what it sees. */
static bool block_is_news(const struct report *report, const struct history *history) {
    const struct decision *decision = &report->decision;

    return decision->blocked != BLOCK_NONE && decision->blocked != BLOCK_MODE && decision->row != ROW_RETIRE &&
           !decision->unblocked_remark &&
           (decision->row != history->told_blocked_row || decision->blocked != history->told_block);
}

/* The end of current, from this look or, where its bytes are known no more, from an earlier one. 0 = never known. */
static time_t end_of_current(const struct report *report, const struct history *history) {
    const struct certificate *current = report->facts->slot[SLOT_CURRENT].certificate;
    const char *thumbprint = report->facts->slots.thumbprint[SLOT_CURRENT];

    if (current != NULL)
        return current->not_after;
    return thumbprint[0] != '\0' && strcmp(thumbprint, history->known_thumbprint) == 0 ? history->known_end : 0;
}

static struct occasion choose_seen(const struct report *report, const struct history *history) {
    struct occasion occasion = {.before = history->told_status};
    time_t end = end_of_current(report, history);
    enum status status = report->decision.status;
    bool was_blind = history->blind_told != 0;

    if (end != 0 && !report->decision.covered &&
        expiry_is_due(report, history, report->facts->slots.thumbprint[SLOT_CURRENT], end, &occasion.threshold_days))
        occasion.kind = OCCASION_EXPIRY;
    else if (status != STATUS_OK && (!history->status_known || status != history->told_status))
        occasion.kind = OCCASION_STATUS;
    else if (block_is_news(report, history))
        occasion.kind = OCCASION_BLOCKED;
    else if (did_any(report, true))
        occasion.kind = OCCASION_DONE;
    else if (was_blind || (status == STATUS_OK && history->status_known && history->told_status != STATUS_OK))
        occasion.kind = status == STATUS_OK ? OCCASION_RECOVERED : OCCASION_STATUS;
    if (did_any(report, false))
        occasion.kind = OCCASION_FAILED;
    if (was_blind)
        occasion.blind_since = history->blind_since;
    if (end != 0 && report->facts->slot[SLOT_CURRENT].certificate == NULL) {
        occasion.known_end = end;
        memcpy(occasion.known_thumbprint, history->known_thumbprint, THUMBPRINT_SIZE);
    }
    occasion.escalate = occasion.kind != OCCASION_NONE && status != STATUS_OK && end != 0 &&
                        !report->decision.covered && end - report->checked_at <= report->policy->escalate_at;
    return occasion;
}

struct occasion tell_choose(const struct report *report, const struct history *history) {
    return report->facts->read ? choose_seen(report, history) : choose_blind(report, history);
}

static void remember_expiry(struct history *history, const struct report *report, const char *thumbprint, time_t end) {
    memcpy(history->told_thumbprint, thumbprint, THUMBPRINT_SIZE);
    history->told_threshold = due_threshold(report->policy, end - report->checked_at);
    history->told_expiry_at = report->checked_at;
}

void tell_remember(struct history *history, const struct report *report, const struct occasion *occasion) {
    time_t end;

    if (!report->facts->read) {
        if (occasion->kind == OCCASION_BLIND)
            history->blind_told = report->checked_at;
        if (occasion->kind != OCCASION_NONE && occasion->known_end != 0)
            remember_expiry(history, report, occasion->known_thumbprint, occasion->known_end);
        return;
    }
    /* Every message names the end of current, so any message counts as the threshold's, unless none was to be told. */
    end = end_of_current(report, history);
    if (occasion->kind != OCCASION_NONE && end != 0 && !report->decision.covered)
        remember_expiry(history, report, report->facts->slots.thumbprint[SLOT_CURRENT], end);
    history->told_blocked_row = report->decision.row;
    history->told_block = report->decision.blocked;
    history->status_known = true;
    history->told_status = report->decision.status;
    history->blind_since = 0;
    history->blind_told = 0;
}
