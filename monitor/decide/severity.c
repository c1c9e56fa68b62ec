#include "monitor/decide/severity.h"

#define CRITICAL_SECONDS (CRITICAL_DAYS * (int64_t)SECONDS_PER_DAY)

static bool is_covered(const struct view *view) {
    return view->current == SLOT_USABLE && view->next == SLOT_USABLE && view->next_ends_later && view->date_known &&
           facts_held(view->facts, SLOT_NEXT) != ANSWER_NO &&
           view->date <= view->current_certificate->not_after - EXCHANGE_NIGHT &&
           view->now - view->date <= EXCHANGE_NIGHT;
}

static bool next_will_break(const struct view *view) {
    return view->next_certificate != NULL && view->date_known && view->date - view->now <= CRITICAL_SECONDS &&
           (view->next_at_date == SLOT_UNUSABLE || facts_held(view->facts, SLOT_NEXT) == ANSWER_NO);
}

/* What can wait without harm, or is nothing to Exchange. */
static bool is_remark(const struct decision *decision) {
    return decision->act == ACT_RETIRE || decision->row == ROW_LEFTOVER;
}

static bool is_critical(const struct view *view, const struct decision *decision) {
    return view->facts->slots.malformed != 0 || facts_probably_ended(view->facts, view->now) ||
           view->current == SLOT_UNUSABLE ||
           (view->current == SLOT_USABLE && view->current_left <= CRITICAL_SECONDS && !decision->covered) ||
           next_will_break(view);
}

#define SILENT_NIGHTS 3 /* without a clear word of Entra's: a confirmation that failed */

/* Entra lacks a key that is used, or soon will be, or has long said nothing about it. */
static bool entra_is_troubled(const struct view *view) {
    const struct facts *facts = view->facts;

    if (view->policy->entra == ENTRA_OFF)
        return false;
    for (size_t i = 0; i < facts->tenant_count; i++)
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            if (slot != SLOT_PREVIOUS && facts->tenants[i].slot[slot].silent >= SILENT_NIGHTS)
                return true;
    return facts_accepted(facts, SLOT_CURRENT) == ANSWER_NO || facts_accepted(facts, SLOT_NEXT) == ANSWER_NO;
}

/* Clients are turned away there, and so is every look. */
static bool tls_ended(const struct facts *facts) {
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted && facts->servers[i].tls_ended)
            return true;
    return false;
}

/* What the next run does by itself, and is not late yet: due no longer than from one night to the next but one. */
static bool is_tonights(const struct view *view, const struct decision *decision, bool failed) {
    return decision->row == ROW_STAGE && decision->blocked == BLOCK_NONE && !failed && view->next == SLOT_EMPTY &&
           view->policy->renew_before - view->current_left <= EXCHANGE_NIGHT;
}

static bool is_warning(const struct view *view, const struct decision *decision) {
    const struct policy *policy = view->policy;
    /* What failed once and is due no more, because someone else has done it, is the past. */
    bool failed =
        view->history != NULL && view->history->act_failed && decision->act != ACT_NONE && !is_remark(decision);
    bool blocked = decision->blocked != BLOCK_NONE && !is_remark(decision) && !decision->unblocked_remark;

    return (view->current_left <= policy->warn_days[0] * (int64_t)SECONDS_PER_DAY && !decision->covered &&
            !is_tonights(view, decision, failed)) ||
           blocked || failed || decision->silence != SILENCE_NONE || view->facts->record_foreign ||
           view->facts->date_unread || tls_ended(view->facts) || decision->applies[ROW_DELIVER] ||
           view->next == SLOT_UNKNOWN || decision->unserved || entra_is_troubled(view);
}

void severity_judge(const struct view *view, struct decision *decision) {
    const struct silence *silence = view->history != NULL ? &view->history->silence : NULL;

    decision->silent_nights = view->facts->read ? silence_nights(silence, view->facts, view->now) : 0;
    if (decision->silent_nights > 0 && silence_refuses(silence, view->facts))
        decision->silence = SILENCE_REFUSING;
    else if (decision->silent_nights >= SILENCE_NIGHTS_MOST)
        decision->silence = SILENCE_NIGHTS;
    decision->covered = view->facts->read && is_covered(view);
    decision->unblocked_remark =
        decision->blocked == BLOCK_MODE &&
        (is_remark(decision) ||
         (decision->row == ROW_ACTIVATE && view->now - view->date < EXCHANGE_NIGHT)); /* Exchange does it by itself */

    if (!view->facts->read)
        decision->status = STATUS_UNKNOWN;
    else if (facts_used(view->facts) == ANSWER_NO)
        decision->status = STATUS_OK;
    else if (is_critical(view, decision))
        decision->status = STATUS_CRITICAL;
    else if (view->current == SLOT_UNKNOWN)
        decision->status = STATUS_UNKNOWN;
    else
        decision->status = is_warning(view, decision) ? STATUS_WARNING : STATUS_OK;
}
