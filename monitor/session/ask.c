#include "monitor/session/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "monitor/run/exit.h"
#include "notify/words/calendar.h"
#include "notify/words/servers.h"

#define NAMES_MOST 10

static void add_end(struct text *out, time_t end, time_t now) {
    char date[TIME_TEXT_SIZE], distance[CALENDAR_DISTANCE_SIZE];

    text_format(out, ", %s on %s, %s", end > now ? "ends" : "ended", time_format_date(date, end),
                calendar_distance(distance, end, now));
}

/* The slot that holds the thumbprint; SLOT_COUNT when none does. */
static int slot_of(const struct facts *facts, const char *thumbprint) {
    int slot = SLOT_CURRENT;

    while (slot < SLOT_COUNT && strcmp(facts->slots.thumbprint[slot], thumbprint) != 0)
        slot++;
    return slot;
}

static void add_certificate(struct text *out, const struct session *session, const char *thumbprint) {
    const struct facts *facts = &session->facts;
    const int slot = slot_of(facts, thumbprint);

    text_format(out, "%s", thumbprint[0] != '\0' ? thumbprint : "none");
    if (slot < SLOT_COUNT && thumbprint[0] != '\0' && facts->slot[slot].certificate != NULL)
        add_end(out, facts->slot[slot].certificate->not_after, session->invocation->now);
}

/* What takes the place. */
static void add_new(struct text *out, const struct session *session, const struct question *question) {
    const struct candidate_facts *candidate = &session->facts.candidate;
    char end[TIME_TEXT_SIZE];

    if (question->thumbprint == NULL) {
        text_add(out, "none");
    } else if (question->thumbprint[0] != '\0') {
        const int slot = slot_of(&session->facts, question->thumbprint);

        add_certificate(out, session, question->thumbprint);
        if (slot < SLOT_COUNT)
            text_format(out, " (kept: it is %s)", slot_name((enum slot)slot));
    } else if (candidate->thumbprint[0] != '\0') {
        text_add(out, candidate->thumbprint);
        add_end(out, candidate->not_after, session->invocation->now);
        text_add(out, " (new: made earlier, and kept here)");
    } else {
        text_format(out, "a new one, made now, ends on %s",
                    time_format_date(end, time_add_span(session->invocation->now, session->config.policy.lifetime)));
    }
}

static void add_way(struct text *out, const struct session *session, enum server_pick pick, enum slot slot) {
    switch (session->config.policy.method) {
    case DELIVERY_BY_HAND:
        text_add(out, "by hand: the command stops until someone has confirmed it, for ");
        break;
    case DELIVERY_BY_COMMAND:
        text_format(out, "by %s to ", session->config.delivery.command);
        break;
    case DELIVERY_BY_WINRM:
        text_add(out, "over WinRM to ");
        break;
    }
    if (servers_add_names(out, &session->facts, pick, slot, NAMES_MOST) == 0)
        text_add(out, "no server that is seen");
}

static void add_delivery(struct text *out, const struct session *session, const struct question *question) {
    const struct facts *facts = &session->facts;
    const int slot = question->thumbprint != NULL && question->thumbprint[0] != '\0'
                         ? slot_of(facts, question->thumbprint)
                         : SLOT_COUNT;

    if (question->thumbprint == NULL)
        text_add(out, "nothing");
    else if (question->thumbprint[0] == '\0' && facts->candidate.delivery != DELIVERY_ENOUGH)
        add_way(out, session, SERVERS_WITHOUT_CANDIDATE, SLOT_CURRENT);
    else if (slot < SLOT_COUNT && facts_held(facts, (enum slot)slot) == ANSWER_NO)
        add_way(out, session, SERVERS_MISSING, (enum slot)slot);
    else if (slot < SLOT_COUNT)
        text_format(out, "nothing: %zu of %zu servers are known to have it",
                    facts_count_presence(facts, (enum slot)slot, PRESENCE_PRESENT), facts_counted(facts));
    else
        text_add(out, "nothing");
}

static void add_refreshed(struct text *out, const struct session *session, const struct question *question) {
    if (question->slot != SLOT_CURRENT)
        text_add(out, "nothing");
    else if (session->config.policy.refresh)
        text_add(out,
                 "MSExchangeServiceHost is restarted and MSExchangeOWAAppPool and MSExchangeECPAppPool are recycled "
                 "on each server that proves the key");
    else
        text_add(out, "nothing: Exchange uses it within 12.5 hours, or at once where you restart it");
}

static void describe(const struct session *session, const struct question *question, struct text *out) {
    char present[32];

    snprintf(present, sizeof(present), "%s now", slot_name(question->slot));
    text_format(out, "This will %s.\n  organization  %s\n  %-12s  ", question->what, session->facts.organization,
                present);
    add_certificate(out, session, session->facts.slots.thumbprint[question->slot]);
    if (session->facts.slots.malformed != 0)
        text_add(out, " (the object is malformed, and is written again)");
    text_add(out, "\n  afterwards    ");
    add_new(out, session, question);
    text_add(out, "\n  delivered     ");
    add_delivery(out, session, question);
    text_add(out, "\n  refreshed     ");
    add_refreshed(out, session, question);
    text_add(out, "\nGo on? [y/N] ");
}

bool ask_leave(struct session *session, const struct question *question, int *ret_exit) {
    const struct invocation *invocation = session->invocation;
    struct text text = {0};
    char answer[16];

    if (invocation->yes || invocation->dry_run)
        return true;
    if (!isatty(STDIN_FILENO)) {
        *ret_exit = session_misuse(session, "this would %s, and there is no terminal to ask on; --yes goes on unasked",
                                   question->what);
        return false;
    }
    describe(session, question, &text);
    fputs(text.failed ? "Out of memory: the question cannot be shown. Go on? [y/N] " : text.value, stderr);
    text_free(&text);
    if (fgets(answer, sizeof(answer), stdin) != NULL && (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
        return true;
    *ret_exit = session_say(session, EXIT_FAILED, "nothing was done");
    return false;
}
