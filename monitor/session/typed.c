#include "monitor/session/typed.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/letters/character.h"
#include "base/text.h"
#include "monitor/act/begun_write.h"
#include "monitor/act/refresh.h"
#include "monitor/act/see_to_entra.h"
#include "monitor/decide/decide.h"
#include "monitor/run/exit.h"
#include "monitor/run/finish.h"
#include "monitor/session/answer.h"
#include "monitor/decide/sites.h"
#include "monitor/look/replication.h"
#include "notify/words/command_line.h"
#include "notify/words/handover.h"
#include "notify/words/obstacle.h"

int typed_say(int exit, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    answer_say(format, arguments);
    va_end(arguments);
    return exit;
}

static bool is_left_out(uint32_t character, size_t bytes) {
    return bytes == 1 ? strchr(" \t\r\n\"'", (int)character) != NULL : !character_is_visible(character);
}

/* Is it that name? `ret_foreign`: the first character that can be seen and that no host name has. */
static bool names(const char *typed, const char *fqdn, uint32_t *ret_foreign) {
    size_t left = strlen(typed);
    bool same = true;

    while (left > 0) {
        uint32_t character = 0;
        size_t used = character_decode((const unsigned char *)typed, left, &character);

        if (used > 1 && *ret_foreign == 0 && character_is_visible(character))
            *ret_foreign = character;
        if (used == 0 || !is_left_out(character, used)) {
            same = same && used == 1 &&
                   (tolower((int)character) == tolower((unsigned char)*fqdn) || (character == '.' && *fqdn == '\0'));
            fqdn += same && *fqdn != '\0';
        }
        used = used > 0 ? used : 1;
        typed += used;
        left -= used;
    }
    return same && *fqdn == '\0';
}

const struct server_facts *typed_server(const struct facts *facts, const char *typed, struct error *err) {
    char name[CHARACTER_NAME_SIZE];
    uint32_t foreign = 0;

    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted && names(typed, facts->servers[i].fqdn, &foreign))
            return &facts->servers[i];
    error_set(err, ERROR_CONFIG, "%s is not a counted Exchange server of the organization%s%s%s; see: authcert check",
              typed, foreign != 0 ? ": it holds " : "", foreign != 0 ? character_name(foreign, name) : "",
              foreign != 0 ? ", which no host name has" : "");
    return NULL;
}

/* Says what holds the act back. Always false. */
static bool refuse(struct session *session, struct text *obstacle) {
    session_say(session, EXIT_FAILED, "%s", obstacle->failed ? "out of memory" : obstacle->value);
    text_free(obstacle);
    return false;
}

bool typed_may_write(struct session *session, bool planned) {
    const struct facts *facts = &session->facts;
    struct text text = {0};

    if (session->report.decision.clock_wrong && (planned || !session->report.decision.clock_disputed))
        obstacle_add_clock(&text, facts);
    else if (planned && facts->directory.writer_down)
        obstacle_add_writer(&text, &facts->directory);
    else if (facts->directory.read_only)
        obstacle_add_read_only(&text, &facts->directory);
    else if (facts->may_write == ANSWER_NO)
        obstacle_add_rights(&text);
    else
        return true;
    return refuse(session, &text);
}

bool typed_uses_none(struct session *session) {
    if (facts_used(&session->facts) != ANSWER_NO)
        return false;
    session_say(session, EXIT_DONE,
                "nothing to do: no Exchange server of the organization uses the auth certificate; see: "
                "authcert check");
    return true;
}

bool typed_sites_answer(struct session *session) {
    struct text sites = {0}, text = {0};

    if (!sites_cut_off(&session->facts))
        return true;
    sites_add_cut_off(&session->facts, &sites);
    obstacle_add_sites(&text, &sites);
    text_free(&sites);
    return refuse(session, &text);
}

bool typed_agreed(struct session *session) {
    struct text text = {0};

    replication_ask(&session->looker);
    if (facts_slot_state(&session->facts, SLOT_CURRENT, session->invocation->now) == SLOT_UNUSABLE)
        return true;
    return !obstacle_add_disagreeing(&text, &session->facts) || refuse(session, &text);
}

/* What an admin does by hand for the certificate that the act waits for, server by server. */
static void say_delivery(struct session *session) {
    const struct facts *facts = &session->facts;
    const char *thumbprint = session->actor.about;
    const char *config = session->invocation->config_path;
    struct text *out = &session->closing;
    struct text command = {0};
    int slot = SLOT_CURRENT;
    bool kept;

    while (slot < SLOT_COUNT && strcmp(facts->slots.thumbprint[slot], thumbprint) != 0)
        slot++;
    kept = slot == SLOT_COUNT || facts->slot[slot].key_kept;
    command_line_begin(&command, config);
    out->failed = out->failed || command.failed;
    if (!out->failed) {
        text_format(out, "authcert: %s has to be on the Exchange servers before it is used:\n", thumbprint);
        if (kept)
            text_format(out, "  1. its key pair is kept here: %s export %s " HANDOVER_FILE "\n", command.value,
                        thumbprint);
        else
            text_add(out,
                     "  1. its key is not kept here: export it with its key from a server or backup that has it\n");
        text_add(out, "  2. import " HANDOVER_FILE " on these servers (Import-PfxCertificate into LocalMachine\\My, "
                      "exportable):\n");
        for (size_t i = 0; i < facts->server_count; i++)
            if (facts->servers[i].counted &&
                (slot == SLOT_COUNT ? facts->servers[i].candidate : facts->servers[i].presence[slot]) !=
                    PRESENCE_PRESENT)
                text_format(out, "       %s\n", facts->servers[i].fqdn);
        text_format(out,
                    "  3. %s deliver --confirm %s\n"
                    "     (and after it the names of the servers, when it is not on all of them)\n"
                    "  4. the same command again: it goes on from there\n",
                    command.value, thumbprint);
    }
    text_free(&command);
}

enum act_result typed_settle(struct session *session, enum act_result result) {
    struct error err = {0};

    if (result != ACT_RESULT_LOST || !session->actor.lost)
        return result;
    if (!look_round(&session->looker, &err)) {
        actor_note(&session->actor, session->actor.tried, session->actor.about, false, "%s", err.text);
        return ACT_RESULT_FAILED;
    }
    return actor_was_refused(&session->actor) ? ACT_RESULT_FAILED : ACT_RESULT_LOST;
}

int typed_exit(struct session *session, enum act_result result) {
    switch (typed_settle(session, result)) {
    case ACT_RESULT_DONE:
    case ACT_RESULT_SHOWN:
        return EXIT_DONE;
    case ACT_RESULT_LOST:
        return session_say(session, EXIT_DONE,
                           "nothing was changed here: someone else was faster; see: authcert check");
    case ACT_RESULT_WAITS:
        say_delivery(session);
        session->steps_said = true;
        return EXIT_DONE;
    case ACT_RESULT_FAILED:
        for (size_t i = 0; i < session->report.done_count; i++)
            if (!session->report.done[i].ok)
                session_say(session, EXIT_FAILED, "%s failed: %s", act_name(session->report.done[i].act),
                            session->report.done[i].detail);
        return EXIT_FAILED;
    }
    return EXIT_FAILED;
}

/* The last line. What a person has to do by hand was said with its steps. */
static void say_next(struct session *session, int result) {
    const struct briefing *briefing = &session->report.briefing;

    if (session->steps_said)
        return;
    if (session->closing.length == 0)
        session_say(session, result, "%s", result == EXIT_DONE ? "done" : "failed; what and why stands above");
    if (briefing->command != NULL)
        session_say(session, result, "now: %s", briefing->command);
    else if (result == EXIT_DONE)
        session_say(session, result, "now: nothing to do");
}

int typed_run(const struct invocation *invocation, typed_work *work) {
    struct session session;
    struct error err = {0};
    bool told = true;
    int result;

    if (!session_open(&session, invocation, true, &result))
        return result;
    session.actor.typed = true;
    if (!look_round(&session.looker, &err))
        goto failed;
    if (!session.facts.read)
        return session_close(&session, session.facts.unreadable.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_UNREADABLE);
    begun_write_recollect(&session.actor);
    result = work(&session);
    /* After a usage error nothing was tried, so nothing is told or remembered either. */
    if (!invocation->dry_run && result != EXIT_USAGE) {
        if (!look_round(&session.looker, &err))
            goto failed;
        if (result == EXIT_DONE && refresh_is_due(&session.looker)) {
            if (!refresh_servers(&session.actor, NULL))
                result = EXIT_FAILED;
            if (!look_round(&session.looker, &err))
                goto failed;
        }
        if (!see_to_entra(&session.actor, &err) || !replication_confirm(&session.looker, &err))
            goto failed;
        if (!finish_run(&session.looker, &told, &err))
            goto failed;
        if (!told && result == EXIT_DONE)
            result = EXIT_FAILED;
        say_next(&session, result);
    }
    return session_close(&session, result);
failed:
    return session_close(&session, session_say(&session, EXIT_FAILED, "%s", err.text));
}
