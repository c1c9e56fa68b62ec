#include "monitor/commands/commands.h"

#include "base/time.h"
#include "monitor/session/by_hand.h"
#include "monitor/session/ask.h"
#include "monitor/decide/decide.h"
#include "monitor/run/exit.h"
#include "monitor/session/typed.h"

struct activate_options {
    int now;
    int previous;
};

static int activate_slot(struct session *session, enum slot slot) {
    const struct invocation *invocation = session->invocation;
    const struct activate_options *typed = invocation->options;
    bool emergency = facts_slot_state(&session->facts, SLOT_CURRENT, invocation->now) == SLOT_UNUSABLE;
    bool planned = slot == SLOT_NEXT && !emergency;
    const struct question question = {.what = slot == SLOT_PREVIOUS ? "make the previous certificate current again"
                                                                    : "make the next certificate current at once",
                                      .slot = SLOT_CURRENT,
                                      .thumbprint = session->facts.slots.thumbprint[slot]};
    enum act_result result;
    int exit;

    if (!typed_may_write(session, planned) || (planned && !typed_sites_answer(session)))
        return EXIT_FAILED;
    if ((slot == SLOT_PREVIOUS || typed->now) && !ask_leave(session, &question, &exit))
        return exit;
    result = act_activate(&session->actor, slot);
    if (result == ACT_RESULT_DONE)
        by_hand_say_activation(session);
    return typed_exit(session, result);
}

static int go_back(struct session *session) {
    const struct facts *facts = &session->facts;

    if (facts_slot_state(facts, SLOT_PREVIOUS, session->invocation->now) != SLOT_USABLE)
        return session_say(session, EXIT_FAILED,
                           "there is no usable previous certificate to go back to; when current is expired "
                           "or broken: authcert recover");
    if (facts_held(facts, SLOT_PREVIOUS) == ANSWER_NO)
        return session_say(session, EXIT_FAILED, "no Exchange server holds the previous certificate %s any more",
                           facts->slots.thumbprint[SLOT_PREVIOUS]);
    return activate_slot(session, SLOT_PREVIOUS);
}

static int activate(struct session *session) {
    const struct facts *facts = &session->facts;
    const struct invocation *invocation = session->invocation;
    const struct activate_options *typed = invocation->options;
    const struct certificate *current = facts->slot[SLOT_CURRENT].certificate;
    const struct certificate *next = facts->slot[SLOT_NEXT].certificate;
    char date[TIME_TEXT_SIZE];

    if (facts->slots.malformed != 0)
        return session_say(session, EXIT_FAILED,
                           "the auth configuration is malformed; repair it first: authcert recover");
    if (typed->previous)
        return go_back(session);
    if (facts_slot_state(facts, SLOT_CURRENT, invocation->now) == SLOT_UNKNOWN)
        return session_say(session, EXIT_FAILED,
                           "no source has the bytes of the current certificate %s; export it on a server and "
                           "take it in first: authcert import FILE",
                           facts->slots.thumbprint[SLOT_CURRENT]);
    switch (facts_slot_state(facts, SLOT_NEXT, invocation->now)) {
    case SLOT_EMPTY:
        return session_say(session, EXIT_DONE,
                           "nothing to do: no next certificate is staged (perhaps Exchange has activated it "
                           "by itself)");
    case SLOT_UNKNOWN:
        return session_say(session, EXIT_FAILED,
                           "no source has the bytes of the next certificate %s; take it in first: authcert "
                           "import FILE",
                           facts->slots.thumbprint[SLOT_NEXT]);
    case SLOT_UNUSABLE:
        return session_say(session, EXIT_FAILED,
                           "the next certificate %s cannot be used; stage another: authcert renew",
                           facts->slots.thumbprint[SLOT_NEXT]);
    case SLOT_USABLE:
        break;
    }
    if (!typed->now) {
        bool hasty = decide_rests(facts, &session->history, invocation->now);

        if (facts->slots.date > invocation->now)
            return session_say(session, EXIT_DONE, "nothing to do yet: next takes over at %s (--now does it at once)",
                               time_format_rfc3339(date, facts->slots.date));
        if (!certificate_begun_everywhere(next, invocation->now))
            return session_say(
                session, EXIT_DONE,
                "nothing to do yet: servers ahead of UTC take next only from %s on (--now does not wait)",
                time_format_rfc3339(date, next->not_before + CERTIFICATE_AHEAD));
        if (hasty && facts_slot_state(facts, SLOT_CURRENT, invocation->now) == SLOT_USABLE)
            return session_say(session, EXIT_DONE,
                               "nothing to do yet: the last activation is less than 37 hours ago, and tokens "
                               "signed with previous are still alive (--now does it at once)");
        if (current != NULL && next->not_after <= current->not_after)
            return session_say(session, EXIT_FAILED,
                               "next ends no later than current, so nothing would be won; stage another: "
                               "authcert renew --again");
    }
    return activate_slot(session, SLOT_NEXT);
}

static int run(const struct invocation *invocation) {
    return typed_run(invocation, activate);
}

static const struct command_option options[] = {
    {"now", NULL, offsetof(struct activate_options, now), "before its date, too"},
    {"previous", NULL, offsetof(struct activate_options, previous), "go back to the previous certificate"},
    {0},
};

const struct command command_activate = {
    .name = "activate",
    .arguments = "[--now] [--previous]",
    .what = "make next current; --previous goes back to the previous one",
    .run = run,
    .options = options,
    .options_size = sizeof(struct activate_options),
    .rehearses = true,
    .asks = true,
};
