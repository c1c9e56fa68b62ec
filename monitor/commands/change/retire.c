#include "monitor/commands/commands.h"

#include "base/time.h"
#include "monitor/session/ask.h"
#include "monitor/decide/promoted.h"
#include "monitor/run/exit.h"
#include "monitor/session/typed.h"
#include "renew/plan.h"

struct retire_options {
    int now;
};

static int retire(struct session *session) {
    const struct facts *facts = &session->facts;
    const struct invocation *invocation = session->invocation;
    const struct retire_options *typed = invocation->options;
    time_t promoted = promoted_at(facts, &session->history);
    time_t due = promoted + session->config.policy.retire_after;
    struct desired desired = plan_retire(facts);
    char date[TIME_TEXT_SIZE];
    int result;

    if (facts->slots.malformed != 0)
        return session_say(session, EXIT_FAILED,
                           "the auth configuration is malformed; repair it first: authcert recover");
    if (facts->slots.thumbprint[SLOT_PREVIOUS][0] == '\0')
        return session_say(session, EXIT_DONE, "nothing to do: no previous certificate is set");
    if (facts_slot_state(facts, SLOT_CURRENT, invocation->now) == SLOT_UNUSABLE)
        return session_say(session, EXIT_FAILED,
                           "current cannot be used, and previous may be needed: authcert recover");
    if (facts_slot_state(facts, SLOT_CURRENT, invocation->now) == SLOT_UNKNOWN)
        return session_say(session, EXIT_FAILED,
                           "no source has the bytes of the current certificate %s, so whether previous is still needed "
                           "is not known; take it in first: authcert import FILE",
                           facts->slots.thumbprint[SLOT_CURRENT]);
    if (!typed->now && promoted == 0)
        return session_say(session, EXIT_DONE,
                           "nothing to do yet: it is not known since when current is current; the nightly "
                           "run counts from its first look (--now clears previous at once)");
    if (!typed->now && due > invocation->now)
        return session_say(session, EXIT_DONE,
                           "nothing to do yet: previous may be cleared at %s (--now does it at once)",
                           time_format_rfc3339(date, due));
    if (!typed_may_write(session, true) || !typed_agreed(session))
        return EXIT_FAILED;
    if (typed->now &&
        !ask_leave(session,
                   &(struct question){"clear the previous certificate at once, which breaks tokens signed with it",
                                      SLOT_PREVIOUS, NULL},
                   &result))
        return result;
    return typed_exit(session,
                      act_write(&session->actor, ACT_RETIRE, facts->slots.thumbprint[SLOT_PREVIOUS], &desired));
}

static int run(const struct invocation *invocation) {
    return typed_run(invocation, retire);
}

static const struct command_option options[] = {
    {"now", NULL, offsetof(struct retire_options, now), "before its time, too"},
    {0},
};

const struct command command_retire = {
    .name = "retire",
    .arguments = "[--now]",
    .what = "clear previous",
    .run = run,
    .options = options,
    .options_size = sizeof(struct retire_options),
    .rehearses = true,
    .asks = true,
};
