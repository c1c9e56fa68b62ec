#include "monitor/commands/commands.h"

#include <stdio.h>
#include <string.h>

#include "monitor/run/exit.h"
#include "monitor/session/answer.h"
#include "monitor/session/typed.h"
#include "monitor/session/typed_thumbprint.h"
#include "notify/words/command_line.h"

struct deliver_options {
    char *confirm;
};

/* Is this a certificate that a delivery can be about: in a slot, or our candidate. */
static bool is_ours(const struct facts *facts, const char *thumbprint) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(facts->slots.thumbprint[slot], thumbprint) == 0)
            return true;
    return strcmp(facts->candidate.thumbprint, thumbprint) == 0;
}

static bool note(struct session *session, const char *thumbprint, const char *fqdn) {
    struct error err = {0};

    if (deliveries_note(&session->history.deliveries, thumbprint, fqdn, true, session->invocation->now, &err))
        return true;
    session_say(session, EXIT_FAILED, "%s", err.text);
    return false;
}

static int confirm(struct session *session) {
    const struct invocation *invocation = session->invocation;
    const struct deliver_options *typed = invocation->options;
    const struct facts *facts = &session->facts;
    const char *const *names = invocation->arguments;
    char thumbprint[THUMBPRINT_SIZE];
    struct error err = {0};
    size_t count = 0;

    if (!typed_thumbprint(typed->confirm, thumbprint, &err))
        return session_misuse(session, "--confirm needs a thumbprint: %s", err.text);
    if (!is_ours(facts, thumbprint))
        return session_say(session, EXIT_FAILED,
                           "%s is in no slot, nor is it a key pair that waits on this host; see: "
                           "authcert check",
                           thumbprint);
    for (size_t i = 0; names[i] != NULL; i++)
        if (typed_server(facts, names[i], &err) == NULL)
            return session_misuse(session, "%s", err.text);
    if (invocation->dry_run)
        return session_say(session, EXIT_DONE,
                           "the delivery of %s would be remembered; the directory is not changed by it", thumbprint);
    for (size_t i = 0; names[i] != NULL; i++, count++)
        if (!note(session, thumbprint, typed_server(facts, names[i], &err)->fqdn))
            return EXIT_FAILED;
    for (size_t i = 0; names[0] == NULL && i < facts->server_count; i++)
        if (facts->servers[i].counted) {
            if (!note(session, thumbprint, facts->servers[i].fqdn))
                return EXIT_FAILED;
            count++;
        }
    if (count == 0)
        return session_say(session, EXIT_FAILED, "no counted Exchange server was seen, so nothing can be confirmed");
    actor_note(&session->actor, ACT_DELIVER, thumbprint, true, "confirmed by hand on %zu servers", count);
    return EXIT_DONE;
}

static void say_by_hand(struct session *session, enum slot slot) {
    const struct facts *facts = &session->facts;
    const char *thumbprint = facts->slots.thumbprint[slot];
    struct text *out = &session->closing;

    if (facts_count_presence(facts, slot, PRESENCE_MISSING) == 0)
        return;
    text_format(out, "authcert: %s (%s) is missing on these servers:\n", thumbprint, slot_name(slot));
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted && facts->servers[i].presence[slot] == PRESENCE_MISSING)
            text_format(out, "  %s\n", facts->servers[i].fqdn);
    text_format(out, "Import it there (%s), then: ",
                facts->slot[slot].key_kept ? "authcert export makes a PFX of it"
                                           : "its key is not kept here: export it from a server that has it");
    command_line_begin(out, session->invocation->config_path);
    text_format(out, " deliver --confirm %s\n", thumbprint);
    session->steps_said = true;
}

/* What is missing somewhere, and can or cannot be brought there because its key is kept here or not. */
static size_t count_missing(const struct facts *facts, bool key_kept) {
    size_t count = 0;

    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS && facts->slot[slot].key_kept == key_kept)
            count += facts_count_presence(facts, (enum slot)slot, PRESENCE_MISSING);
    return count;
}

static int deliver(struct session *session) {
    const struct deliver_options *typed = session->invocation->options;
    const struct facts *facts = &session->facts;
    bool keyless = count_missing(facts, false) > 0;
    int result = EXIT_DONE;

    if (typed->confirm != NULL)
        return confirm(session);
    if (!keyless && count_missing(facts, true) == 0)
        return session_say(session, EXIT_DONE, "nothing to do: no server is known to lack current or next");
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS && (session->config.policy.method == DELIVERY_BY_HAND || !facts->slot[slot].key_kept))
            say_by_hand(session, (enum slot)slot);
    if (session->config.policy.method == DELIVERY_BY_HAND)
        return EXIT_DONE;
    if (count_missing(facts, true) > 0)
        result = typed_exit(session, act_deliver_missing(&session->actor));
    return keyless
               ? session_say(session, EXIT_FAILED, "no private key that could be delivered there is kept on this host")
               : result;
}

static int run(const struct invocation *invocation) {
    const struct deliver_options *typed = invocation->options;

    if (typed->confirm == NULL && invocation->arguments[0] != NULL)
        return answer_misuse(invocation, "server names go with --confirm THUMBPRINT");
    return typed_run(invocation, deliver);
}

static const struct command_option options[] = {
    {"confirm", "THUMBPRINT", offsetof(struct deliver_options, confirm),
     "an admin has put it there by hand: on the servers named, or on all"},
    {0},
};

const struct command command_deliver = {
    .name = "deliver",
    .arguments = "[--confirm THUMBPRINT [FQDN...]]",
    .what = "put current and next where they are missing",
    .run = run,
    .options = options,
    .options_size = sizeof(struct deliver_options),
    .rehearses = true,
    .takes_words = true,
};
