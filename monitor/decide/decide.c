#include "monitor/decide/decide.h"

#include "monitor/decide/due.h"
#include "monitor/decide/incident.h"
#include "monitor/decide/severity.h"
#include "monitor/decide/sites.h"
#include "monitor/decide/view.h"

#define LAST_DAYS_LEAD (7 * (int64_t)SECONDS_PER_DAY)
#define PROMOTION_REST (37 * (int64_t)SECONDS_PER_HOUR) /* 24 h of token life and 12.5 h until all processes know */

time_t decide_date(time_t current_end, const struct policy *policy, time_t now) {
    if (now + policy->activate_after <= current_end - LAST_DAYS_LEAD)
        return now + policy->activate_after;
    if (current_end - LAST_DAYS_LEAD >= now + policy->min_lead)
        return current_end - LAST_DAYS_LEAD;
    if (now + policy->min_lead <= current_end - EXCHANGE_NIGHT)
        return now + policy->min_lead;
    return now;
}

static bool malformed_is_only(const struct view *view, unsigned allowed) {
    return (view->facts->slots.malformed & ~allowed) == 0;
}

/* A next without a date that can be given one. */
static bool lacks_date(const struct view *view) {
    return (view->facts->slots.malformed & MALFORMED_NEXT_WITHOUT_DATE) != 0 && view->next == SLOT_USABLE &&
           view->current_certificate != NULL;
}

/* A next that neither got a date nor can be used any more: it can go. */
static bool has_had_its_time(const struct view *view) {
    return view->next == SLOT_UNUSABLE && view->next_certificate->not_before <= view->now;
}

/* What `run` may mend by itself because nothing is lost: everything else needs `recover`. */
static bool can_mend(const struct view *view) {
    const struct slots *slots = &view->facts->slots;
    const char *candidate = view->facts->candidate.thumbprint;

    /* No key is needed to write a prefix, or to take out what stands there twice. A next that Exchange did not see
     * would be added by it. */
    if ((slots->malformed & MALFORMED_HIDDEN) || slots->repeated)
        return malformed_is_only(view, MALFORMED_HIDDEN | (slots->repeated ? MALFORMED_TWO_VALUES : 0u) |
                                           MALFORMED_NEXT_WITHOUT_DATE) &&
               !slots->hidden[SLOT_NEXT];
    if (slots->malformed & MALFORMED_TWO_VALUES)
        return malformed_is_only(view, MALFORMED_TWO_VALUES | MALFORMED_NEXT_WITHOUT_DATE) &&
               slots->other_next[0] != '\0' && candidate[0] != '\0' &&
               (strcmp(candidate, slots->thumbprint[SLOT_NEXT]) == 0 || strcmp(candidate, slots->other_next) == 0);
    return slots->malformed == MALFORMED_NEXT_WITHOUT_DATE && (lacks_date(view) || has_had_its_time(view));
}

/* Another promotion pushes previous out, whose tokens may still be alive. Without a previous there is nothing to wait
 * for, and the last change may have been its clearing. */
static bool rests(const struct view *view) {
    return view->previous != SLOT_EMPTY && (view->promoted_at == 0 || view->now - view->promoted_at < PROMOTION_REST);
}

bool decide_rests(const struct facts *facts, const struct history *history, time_t now) {
    struct view view = view_of(facts, history, NULL, now);

    return rests(&view);
}

/* Entra, where it is asked, clearly does not accept next's key; what it does not say holds nothing back here. */
static bool entra_lacks_next(const struct view *view) {
    return view->policy->entra != ENTRA_OFF && facts_accepted(view->facts, SLOT_NEXT) == ANSWER_NO;
}

/* Its date has come, and nothing but the last promotion stands against it. */
static bool is_ripe(const struct view *view) {
    return view->current == SLOT_USABLE && view->next == SLOT_USABLE && view->next_ends_later && view->date_known &&
           view->date <= view->now && certificate_begun_everywhere(view->next_certificate, view->now) &&
           facts_held(view->facts, SLOT_NEXT) != ANSWER_NO && !entra_lacks_next(view);
}

/* The better date of a staged next, or 0 when its date is good or cannot be bettered. */
static time_t better_date(const struct view *view) {
    const struct policy *policy = view->policy;
    bool lacking = facts_held(view->facts, SLOT_NEXT) == ANSWER_NO || entra_lacks_next(view);
    time_t latest, date;

    if (view->current != SLOT_USABLE || view->next != SLOT_USABLE || !view->next_ends_later || !view->date_known)
        return 0;
    latest = view->current_certificate->not_after - EXCHANGE_NIGHT;
    date = decide_date(view->current_certificate->not_after, policy, view->now);
    /* Not so near that what no server holds, or Entra lacks, becomes current before it can be brought there. */
    if (view->date > latest && date <= view->date - SECONDS_PER_DAY &&
        (!lacking || date - view->now >= policy->min_lead))
        return date;
    if (lacking && view->date - view->now < policy->min_lead) {
        date = view->now + policy->activate_after < latest ? view->now + policy->activate_after : latest;
        if (date > view->date && date > view->now)
            return date;
    }
    return 0;
}

/* The end of what would be staged: of the candidate, or of a certificate made now. */
static time_t end_of_new(const struct view *view) {
    const struct candidate_facts *candidate = &view->facts->candidate;

    return candidate->thumbprint[0] != '\0' ? candidate->not_after
                                            : time_add_span(view->now - CERTIFICATE_BACKDATED, view->policy->lifetime);
}

static bool row_restage(const struct view *view) {
    const struct certificate *next = view->next_certificate;
    time_t new_end;

    if (view->current != SLOT_USABLE || next == NULL || !view->date_known)
        return false;
    if (view->next_at_date == SLOT_UNUSABLE)
        return true;
    new_end = end_of_new(view);
    /* Exchange makes current at its date what no server has. While there is time, who can bring it may still do so. */
    if (facts_nobody_has(view->facts, SLOT_NEXT) && view->current_left <= view->policy->renew_before)
        return new_end > view->current_certificate->not_after;
    if (next->not_after - view->date >= view->policy->renew_before && view->next_ends_later)
        return false;
    return new_end > next->not_after && new_end > view->current_certificate->not_after;
}

static bool row_deliver(const struct view *view) {
    return facts_count_presence(view->facts, SLOT_CURRENT, PRESENCE_MISSING) > 0 ||
           facts_count_presence(view->facts, SLOT_NEXT, PRESENCE_MISSING) > 0;
}

static bool row_retire(const struct view *view) {
    return view->current == SLOT_USABLE && view->previous != SLOT_EMPTY && view->promoted_at != 0 &&
           view->now - view->promoted_at >= view->policy->retire_after;
}

static bool can_deliver(const struct slot_facts *slot) {
    return slot->key_kept && slot->delivery != DELIVERY_WAITING && slot->delivery != DELIVERY_FAILED;
}

/* Next is where it is needed, or can be brought there now, and is taken there. */
static bool can_promote(const struct view *view) {
    return certificate_begun_everywhere(view->next_certificate, view->now) &&
           (facts_held(view->facts, SLOT_NEXT) != ANSWER_NO || can_deliver(&view->facts->slot[SLOT_NEXT]));
}

/* Nothing is won by what ends as soon as a current that is not known to be unusable. */
static bool outlasts(const struct view *view, enum slot slot) {
    return view->current == SLOT_UNUSABLE ||
           view->facts->slot[slot].certificate->not_after > view->current_certificate->not_after;
}

static bool can_restore(const struct view *view) {
    return view->previous == SLOT_USABLE && outlasts(view, SLOT_PREVIOUS) &&
           facts_held(view->facts, SLOT_PREVIOUS) != ANSWER_NO;
}

static void judge_rows(const struct view *view, struct decision *decision) {
    bool *applies = decision->applies;

    if (!view->facts->read) {
        applies[ROW_UNREADABLE] = true;
        return;
    }
    /* Whatever is wrong with it harms nobody. */
    if (facts_used(view->facts) == ANSWER_NO)
        return;
    if (view->facts->slots.malformed != 0) {
        applies[ROW_MALFORMED] = true;
        return;
    }
    applies[ROW_UNKNOWN_CERTIFICATE] =
        view->current == SLOT_UNKNOWN || (view->current == SLOT_UNUSABLE && view->next == SLOT_UNKNOWN);
    applies[ROW_PROMOTE] = view->over && view->next == SLOT_USABLE && outlasts(view, SLOT_NEXT) &&
                           (can_promote(view) || (!can_restore(view) && !facts_nobody_has(view->facts, SLOT_NEXT)));
    applies[ROW_RESTORE] = view->over && !applies[ROW_PROMOTE] && can_restore(view);
    applies[ROW_REPLACE] = view->over && !applies[ROW_PROMOTE] && !applies[ROW_RESTORE] && view->next != SLOT_UNKNOWN;
    applies[ROW_ACTIVATE] = is_ripe(view) && !rests(view);
    applies[ROW_RESCHEDULE] = better_date(view) != 0;
    applies[ROW_RESTAGE] = row_restage(view);
    applies[ROW_STAGE] =
        view->current == SLOT_USABLE && view->next == SLOT_EMPTY && view->current_left <= view->policy->renew_before;
    applies[ROW_LEFTOVER] = (view->facts->slots.leftover & (LEFTOVER_NEXT_IS_CURRENT | LEFTOVER_DATE)) != 0;
    applies[ROW_DELIVER] = row_deliver(view);
    applies[ROW_RETIRE] = row_retire(view);
}

static void choose_act(const struct view *view, struct decision *decision) {
    time_t end = view->current_certificate != NULL ? view->current_certificate->not_after : 0;

    switch (decision->row) {
    case ROW_UNREADABLE:
    case ROW_UNKNOWN_CERTIFICATE:
    case ROW_NONE:
        decision->act = ACT_NONE;
        break;
    case ROW_MALFORMED:
        decision->act = can_mend(view) ? ACT_MEND : ACT_NONE;
        if (decision->act == ACT_MEND && lacks_date(view))
            decision->date = decide_date(end, view->policy, view->now);
        break;
    case ROW_PROMOTE:
    case ROW_ACTIVATE:
        decision->act = ACT_ACTIVATE;
        decision->promoted = SLOT_NEXT;
        break;
    case ROW_RESTORE:
        decision->act = ACT_ACTIVATE;
        decision->promoted = SLOT_PREVIOUS;
        break;
    case ROW_REPLACE:
        decision->act = ACT_REPLACE;
        break;
    case ROW_RESCHEDULE:
        decision->act = ACT_RESCHEDULE;
        decision->date = better_date(view);
        break;
    case ROW_RESTAGE:
        decision->act = view->current_left <= view->policy->renew_before ? ACT_STAGE : ACT_WITHDRAW;
        if (decision->act == ACT_STAGE)
            decision->date = decide_date(end, view->policy, view->now);
        break;
    case ROW_STAGE:
        decision->act = ACT_STAGE;
        decision->date = decide_date(end, view->policy, view->now);
        break;
    case ROW_LEFTOVER:
        decision->act = ACT_MEND;
        break;
    case ROW_DELIVER:
        decision->act = ACT_DELIVER;
        break;
    case ROW_RETIRE:
        decision->act = ACT_RETIRE;
        break;
    }
}

static bool clock_is_wrong(const struct view *view) {
    const struct directory_facts *directory = &view->facts->directory;

    return (directory->clock_known &&
            (directory->clock_skew > CLOCK_SKEW_MOST || directory->clock_skew < -CLOCK_SKEW_MOST)) ||
           (view->history != NULL && view->history->last_run > view->now) || view->policy->built > view->now;
}

/* The servers' clocks count only where the directory tells no time: a domain controller's word outranks theirs. */
static bool clock_is_disputed(const struct view *view) {
    return !view->facts->directory.clock_known && view->facts->servers_clocks_off && !clock_is_wrong(view);
}

/* Current cannot be used: nobody who can only set a server's clock may hold that back. */
static bool is_emergency(enum row row) {
    return row == ROW_PROMOTE || row == ROW_RESTORE || row == ROW_REPLACE;
}

static bool delivery_blocks(const struct view *view, const struct decision *decision) {
    const struct facts *facts = view->facts;

    switch (decision->act) {
    case ACT_STAGE:
    case ACT_REPLACE:
        return facts_counted(facts) == 0 ||
               (facts->candidate.thumbprint[0] != '\0' &&
                (facts->candidate.delivery == DELIVERY_WAITING || facts->candidate.delivery == DELIVERY_FAILED));
    case ACT_ACTIVATE:
        return decision->row == ROW_PROMOTE && facts_held(facts, SLOT_NEXT) == ANSWER_NO &&
               !can_deliver(&facts->slot[SLOT_NEXT]);
    case ACT_DELIVER:
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            if (slot != SLOT_PREVIOUS && facts_count_presence(facts, (enum slot)slot, PRESENCE_MISSING) > 0 &&
                can_deliver(&facts->slot[slot]))
                return false;
        return true;
    case ACT_REFRESH:
    case ACT_NONE:
    case ACT_MEND:
    case ACT_RETIRE:
    case ACT_RESCHEDULE:
    case ACT_WITHDRAW:
    case ACT_ENTRA_ADD:
    case ACT_ENTRA_REMOVE:
        return false;
    }
    return false;
}

/* Where Entra is asked, what becomes current by plan has its yes from every tenant that needs it. Moving a date away
 * from it, and taking next out, need none. */
static bool entra_blocks(const struct view *view, const struct decision *decision) {
    switch (decision->act) {
    case ACT_STAGE:
        return facts_candidate_refused(view->facts);
    case ACT_ACTIVATE:
        return decision->row == ROW_ACTIVATE && facts_accepted(view->facts, SLOT_NEXT) != ANSWER_YES;
    case ACT_NONE:
    case ACT_MEND:
    case ACT_RETIRE:
    case ACT_REPLACE:
    case ACT_DELIVER:
    case ACT_RESCHEDULE:
    case ACT_WITHDRAW:
    case ACT_REFRESH:
    case ACT_ENTRA_ADD:
    case ACT_ENTRA_REMOVE:
        return false;
    }
    return false;
}

/* What another domain controller has may be newer, or older and on its way out: after the next replication it is known.
 * While current cannot be used, nothing is worth waiting for. */
static bool others_differ(const struct view *view, const struct decision *decision) {
    bool asked = decision->row == ROW_RESTAGE || decision->row == ROW_RESCHEDULE || decision->row == ROW_RETIRE;

    return asked && view->current != SLOT_UNUSABLE && facts_count_agreeing(view->facts, ANSWER_NO) > 0;
}

static enum block first_block(const struct view *view, const struct decision *decision) {
    const struct facts *facts = view->facts;
    bool planned = decision->row == ROW_STAGE || decision->row == ROW_RESTAGE || decision->row == ROW_RESCHEDULE ||
                   decision->row == ROW_ACTIVATE;
    bool waits_for_writer =
        planned || decision->row == ROW_RETIRE || decision->row == ROW_MALFORMED || decision->row == ROW_LEFTOVER;

    if (decision->act == ACT_NONE)
        return BLOCK_NONE;
    if (view->policy->mode == MODE_MONITOR)
        return BLOCK_MODE;
    if (decision->clock_wrong && !(decision->clock_disputed && is_emergency(decision->row)))
        return BLOCK_CLOCK;
    if (facts->may_write == ANSWER_NO && decision->act != ACT_DELIVER)
        return BLOCK_RIGHTS;
    if ((planned && sites_cut_off(facts)) || (waits_for_writer && facts->directory.writer_down) ||
        (facts->directory.read_only && decision->act != ACT_DELIVER) || others_differ(view, decision))
        return BLOCK_UNREACHABLE;
    /* Tenants that are asked answer for themselves; where none was seen, only a person knows. */
    if (view->policy->entra != ENTRA_OFF && facts->tenant_count > 0) {
        if (planned && entra_blocks(view, decision))
            return BLOCK_ENTRA;
    } else if (planned && facts_hybrid_holds(facts) && !view->policy->hybrid_proceed) {
        return BLOCK_HYBRID;
    }
    if (delivery_blocks(view, decision))
        return BLOCK_DELIVERY;
    return BLOCK_NONE;
}

/* When next becomes current once the decision is carried out; 0 when it does not, or nobody knows when. */
static time_t activation(const struct view *view, const struct decision *decision) {
    if (decision->blocked == BLOCK_NONE && decision->act == ACT_WITHDRAW)
        return 0;
    if (decision->blocked == BLOCK_NONE && (decision->row == ROW_RESCHEDULE || decision->row == ROW_RESTAGE))
        return decision->date;
    if (view->next == SLOT_EMPTY || !view->date_known)
        return 0;
    if (view->date > view->now || decision->applies[ROW_ACTIVATE])
        return view->date;
    return is_ripe(view) && view->promoted_at != 0 ? view->promoted_at + PROMOTION_REST : 0;
}

struct decision decide(const struct facts *facts, const struct history *history, const struct policy *policy,
                       time_t now) {
    struct decision decision = {.row = ROW_NONE};
    struct view view = view_of(facts, history, policy, now);

    judge_rows(&view, &decision);
    for (int row = ROW_COUNT - 1; row >= 0; row--)
        if (decision.applies[row])
            decision.row = (enum row)row;
    decision.applies[decision.row] = true;
    decision.clock_disputed = clock_is_disputed(&view);
    decision.clock_wrong = decision.clock_disputed || clock_is_wrong(&view);
    choose_act(&view, &decision);
    decision.blocked = first_block(&view, &decision);
    decision.unserved = incident_step_of(facts, history, now) == INCIDENT_WRITTEN;
    severity_judge(&view, &decision);
    due_list(&view, activation(&view, &decision), &decision);
    return decision;
}
