#include "monitor/commands/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "monitor/session/answer.h"
#include "monitor/session/by_hand.h"
#include "monitor/session/ask.h"
#include "monitor/decide/decide.h"
#include "monitor/run/exit.h"
#include "monitor/session/typed.h"
#include "monitor/decide/view.h"

struct renew_options {
    int again;
    char *effective;
};

/* "now", "+30d", "2026-12-24" or "2026-12-24T02:00:00Z". */
static bool parse_effective(const char *text, time_t now, time_t *ret_date) {
    struct span span;

    if (strcmp(text, "now") == 0) {
        *ret_date = now;
        return true;
    }
    if (text[0] == '+') {
        size_t length = strlen(text);

        if (length < 3 || text[length - 1] != 'd' || !span_parse(text + 1, &span, NULL))
            return false;
        *ret_date = time_add_span(now, span);
        return true;
    }
    return time_parse_typed(text, ret_date, NULL);
}

/* What was typed, or 0 where nothing was. A mistake in it is said whatever the state of the organization. */
static bool read_effective(const struct invocation *invocation, time_t *ret_date, int *ret_exit) {
    const struct renew_options *typed = invocation->options;
    time_t date = 0;

    if (typed->effective != NULL && !parse_effective(typed->effective, invocation->now, &date))
        *ret_exit = answer_misuse(invocation, "--effective is now, +DAYSd, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ (UTC)");
    else if (typed->effective != NULL && date < invocation->now)
        *ret_exit = answer_misuse(invocation, "--effective lies in the past; use --effective now");
    else {
        *ret_date = date;
        return true;
    }
    return false;
}

/* The date that was typed, when current ends late enough for it; without one, the date by the rule. */
static bool choose_date(struct session *session, time_t typed, time_t *ret_date, int *ret_exit) {
    time_t end = session->facts.slot[SLOT_CURRENT].certificate->not_after;
    time_t now = session->invocation->now;
    char latest[TIME_TEXT_SIZE];

    if (typed > now && typed > end - EXCHANGE_NIGHT) {
        *ret_exit =
            session_misuse(session,
                           "--effective is later than %s, 36 hours before current ends: nothing would be sure to "
                           "take over in time",
                           time_format_rfc3339(latest, end - EXCHANGE_NIGHT));
        return false;
    }
    *ret_date = typed != 0 ? typed : decide_date(end, &session->config.policy, now);
    return true;
}

/* Whether there is a certificate to succeed, and nothing unknown in its successor's place. */
static bool may_succeed(struct session *session, int *ret_exit) {
    const struct facts *facts = &session->facts;
    time_t now = session->invocation->now;

    if (typed_uses_none(session))
        *ret_exit = EXIT_DONE;
    else if (facts->slots.malformed != 0)
        *ret_exit =
            session_say(session, EXIT_FAILED, "the auth configuration is malformed; repair it first: authcert recover");
    else if (facts_slot_state(facts, SLOT_CURRENT, now) == SLOT_UNKNOWN)
        *ret_exit = session_say(session, EXIT_FAILED,
                                "no source has the bytes of the current certificate %s; export it on a "
                                "server and take it in first: authcert import FILE",
                                facts->slots.thumbprint[SLOT_CURRENT]);
    else if (facts_slot_state(facts, SLOT_CURRENT, now) != SLOT_USABLE)
        *ret_exit =
            session_say(session, EXIT_FAILED, "the current certificate cannot be used any more: authcert recover");
    else if (facts_slot_state(facts, SLOT_NEXT, now) == SLOT_UNKNOWN)
        *ret_exit = session_say(session, EXIT_FAILED,
                                "there is a next certificate %s whose bytes no source has; nothing is put "
                                "over it: take it in first with authcert import FILE",
                                facts->slots.thumbprint[SLOT_NEXT]);
    else
        return true;
    return false;
}

/* Whether a successor is wanted, and may be written. */
static bool may_stage(struct session *session, int *ret_exit) {
    const struct facts *facts = &session->facts;
    const struct invocation *invocation = session->invocation;
    const struct renew_options *typed = invocation->options;
    char date[TIME_TEXT_SIZE];

    if (facts_slot_state(facts, SLOT_NEXT, invocation->now) == SLOT_USABLE && !typed->again)
        *ret_exit = session_say(session, EXIT_DONE,
                                "nothing to do: the next certificate %s takes over at %s (--again makes "
                                "another)",
                                facts->slots.thumbprint[SLOT_NEXT], time_format_rfc3339(date, facts->slots.date));
    else if (!typed_may_write(session, true) || !typed_sites_answer(session))
        *ret_exit = EXIT_FAILED;
    else
        return true;
    return false;
}

static int renew(struct session *session) {
    const struct renew_options *typed = session->invocation->options;
    enum act_result staged;
    time_t wanted = 0, date;
    int result;

    (void)read_effective(session->invocation, &wanted, &result); /* it was good when the command began */
    if (!may_succeed(session, &result) || !choose_date(session, wanted, &date, &result) || !may_stage(session, &result))
        return result;
    if (session->facts.slots.thumbprint[SLOT_NEXT][0] != '\0' && !typed_agreed(session))
        return EXIT_FAILED;
    if (typed->again && !ask_leave(session, &(struct question){"replace the next certificate", SLOT_NEXT, ""}, &result))
        return result;
    staged = act_stage(&session->actor, date);
    if (staged == ACT_RESULT_DONE) {
        session_say(session, EXIT_DONE, "staged. What stays open at partners:");
        by_hand_say_partners(session);
    }
    return typed_exit(session, staged);
}

static int run(const struct invocation *invocation) {
    time_t wanted;
    int result;

    return read_effective(invocation, &wanted, &result) ? typed_run(invocation, renew) : result;
}

static const struct command_option options[] = {
    {"again", NULL, offsetof(struct renew_options, again), "also when a usable next certificate is staged"},
    {"effective", "WHEN", offsetof(struct renew_options, effective),
     "when it takes over: now, +DAYSd or a UTC date (default: by policy)"},
    {0},
};

const struct command command_renew = {
    .name = "renew",
    .arguments = "[--again] [--effective WHEN]",
    .what = "make and stage a new next certificate now",
    .run = run,
    .options = options,
    .options_size = sizeof(struct renew_options),
    .rehearses = true,
    .asks = true,
};
