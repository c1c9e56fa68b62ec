#include "monitor/commands/commands.h"

#include <stdlib.h>
#include <string.h>

#include "ldap/rights.h"
#include "monitor/commands/change/rehearse.h"
#include "monitor/session/ask.h"
#include "monitor/session/by_hand.h"
#include "monitor/run/exit.h"
#include "monitor/look/observe.h"
#include "monitor/decide/recovery.h"
#include "monitor/session/typed.h"

#define ATTEMPTS_MOST 3 /* writes that someone else overtook */
struct recover_options {
    int rehearse;
};

#define OTHERS_MOST 64 /* values of a malformed object that are looked at */

/* The certificates of all thumbprints that the values name, whatever stands before them. */
static size_t find_others(struct session *session, struct certificate *ret_others[OTHERS_MOST]) {
    const struct shelf_port *shelf = &session->ports.shelf;
    size_t count = 0;

    for (size_t i = 0; i < session->facts.raw_count && count < OTHERS_MOST; i++) {
        const struct bytes *value = &session->facts.raw_values[i];
        const unsigned char *colon = memchr(value->data, ':', value->length);
        size_t skip = colon != NULL ? (size_t)(colon - value->data) + 1 : 0;
        char thumbprint[THUMBPRINT_SIZE];
        struct certificate *certificate = NULL;
        struct error err = {0};

        if (!thumbprint_parse((const char *)value->data + skip, value->length - skip, thumbprint))
            continue;
        if (!observe_find(shelf, &session->looker.probed, &session->facts, thumbprint, &certificate, &err))
            strings_add(&session->troubles, "%s", err.text);
        else if (certificate != NULL)
            ret_others[count++] = certificate;
    }
    return count;
}

/* The slot that holds the thumbprint, SLOT_COUNT when none does. */
static enum slot slot_of(const struct facts *facts, const char *thumbprint) {
    int slot = SLOT_CURRENT;

    while (slot < SLOT_COUNT && strcmp(facts->slots.thumbprint[slot], thumbprint) != 0)
        slot++;
    return (enum slot)slot;
}

static enum act_result make_current(struct session *session, const char *thumbprint) {
    enum slot slot = slot_of(&session->facts, thumbprint);
    struct desired desired = recovery_desired(&session->facts, thumbprint, session->invocation->now);

    if (slot != SLOT_COUNT) {
        enum act_result result = act_bring(&session->actor, slot);

        if (result != ACT_RESULT_DONE)
            return result;
    }
    return act_write(&session->actor, ACT_ACTIVATE, thumbprint, &desired);
}

/* A new certificate: made and delivered as for any replacement, then written over whatever is there. */
static enum act_result make_new(struct session *session) {
    struct actor *actor = &session->actor;
    enum act_result result = act_ready_candidate(actor, ACT_REPLACE, SLOT_CURRENT, session->invocation->now);
    struct desired desired;

    if (result != ACT_RESULT_DONE)
        return result;
    desired = recovery_desired(&session->facts, session->facts.candidate.thumbprint, session->invocation->now);
    return act_write(actor, ACT_REPLACE, session->facts.candidate.thumbprint, &desired);
}

/* The certificate of the present look that becomes current; "" when one has to be made. */
static void choose(struct session *session, char ret_thumbprint[THUMBPRINT_SIZE]) {
    struct certificate *others[OTHERS_MOST] = {NULL};
    size_t count = find_others(session, others);

    recovery_choose(&session->facts, others, count, session->invocation->now, ret_thumbprint);
    for (size_t i = 0; i < count; i++)
        certificate_free(others[i]);
}

/* Whether another attempt is due on the present look; else *ret_exit is what `recover` came to. */
static bool still_needed(struct session *session, const char *current_before, int *ret_exit) {
    const struct facts *facts = &session->facts;
    const char *current = facts->slots.thumbprint[SLOT_CURRENT];

    if (!facts->read)
        *ret_exit = session_say(session, EXIT_UNREADABLE, "%s", facts->unreadable.text);
    else if (typed_uses_none(session))
        *ret_exit = EXIT_DONE;
    else if (!recovery_is_needed(facts, session->invocation->now))
        *ret_exit =
            session_say(session, EXIT_DONE, "nothing to recover: the current certificate %s can be used", current);
    else if (strcmp(current_before, current) != 0 &&
             facts_slot_state(facts, SLOT_CURRENT, session->invocation->now) == SLOT_UNKNOWN)
        /* What someone else has just made current is most likely good, though its bytes are not known here. */
        *ret_exit =
            session_say(session, EXIT_DONE,
                        "someone else has just made %s current; take its bytes in with authcert import FILE to see "
                        "whether it will do",
                        current);
    else
        return true;
    return false;
}

/* Where the directory does not tell of itself what the account may do, it is asked before anything is made or carried
 * anywhere. */
static void ask_rights(struct session *session) {
    struct rights rights;

    if (session->facts.may_write != ANSWER_UNKNOWN ||
        !rights_read(&session->config.directory, session->invocation->now, &session->facts, &rights, NULL))
        return;
    /* A date that is not there is not written. */
    if (rights.thumbprints == ANSWER_NO || (rights.date == ANSWER_NO && session->facts.slots.date_set))
        session->facts.may_write = ANSWER_NO;
    rights_free(&rights);
}

static int recover(struct session *session) {
    enum act_result result = ACT_RESULT_LOST;
    char before[THUMBPRINT_SIZE], chosen[THUMBPRINT_SIZE];
    const struct question question = {"make another certificate current", SLOT_CURRENT, chosen};
    int exit;

    memcpy(before, session->facts.slots.thumbprint[SLOT_CURRENT], THUMBPRINT_SIZE);
    for (int round = 0; round < ATTEMPTS_MOST && result == ACT_RESULT_LOST; round++) {
        if (!still_needed(session, before, &exit))
            return exit;
        ask_rights(session);
        if (!typed_may_write(session, false))
            return EXIT_FAILED;
        choose(session, chosen);
        if (round == 0 && !ask_leave(session, &question, &exit))
            return exit;
        result = typed_settle(session, chosen[0] != '\0' ? make_current(session, chosen) : make_new(session));
    }
    if (result == ACT_RESULT_LOST)
        return session_say(session, EXIT_FAILED,
                           "the auth configuration was changed by someone else each time; see who writes to "
                           "it (authcert check), and recover again");
    if (result == ACT_RESULT_DONE)
        by_hand_say_activation(session);
    return typed_exit(session, result);
}

static int run(const struct invocation *invocation) {
    const struct recover_options *typed = invocation->options;

    return typed->rehearse ? rehearse(invocation) : typed_run(invocation, recover);
}

static const struct command_option options[] = {
    {"rehearse", NULL, offsetof(struct recover_options, rehearse),
     "go the whole way as if current had ended now, without any effect; ends with 1 when something lacks"},
    {0},
};

const struct command command_recover = {
    .name = "recover",
    .arguments = "[--rehearse]",
    .what = "emergency: current is expired, unusable, unknown or the object malformed",
    .run = run,
    .options = options,
    .options_size = sizeof(struct recover_options),
    .rehearses = true,
    .asks = true,
};
