#include "monitor/session/typed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/act/begun_write.h"
#include "monitor/decide/decide.h"
#include "monitor/run/exit.h"
#include "monitor/run/finish.h"
#include "monitor/decide/sites.h"
#include "monitor/look/replication.h"

int typed_say(int exit, const char *format, ...) {
    va_list arguments;

    fputs("authcert: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return exit;
}

static void say_clock(const struct facts *facts) {
    const struct directory_facts *directory = &facts->directory;

    if (directory->clock_known && llabs((long long)directory->clock_skew) > CLOCK_SKEW_MOST)
        typed_say(EXIT_FAILED,
                  "this host's clock cannot be trusted (the directory's is %" PRId64 " seconds ahead): set it right "
                  "(chronyc tracking, timedatectl) and try again",
                  directory->clock_skew);
    else if (facts->server_clock_off)
        for (size_t i = 0; i < facts->server_count; i++) {
            if (facts->servers[i].clock_ahead == 0)
                continue;
            typed_say(EXIT_FAILED,
                      "this host's clock or that of %s cannot be trusted (the server's is %" PRId64 " seconds ahead): "
                      "set it right (chronyc tracking, timedatectl) and try again",
                      facts->servers[i].fqdn, facts->servers[i].clock_ahead);
            return;
        }
    else
        typed_say(EXIT_FAILED, "this host's clock cannot be trusted (it is earlier than the last run or than the "
                               "program itself): set it right (chronyc tracking, timedatectl) and try again");
}

bool typed_may_write(const struct session *session, bool planned) {
    const struct facts *facts = &session->facts;

    if (session->report.decision.clock_wrong) {
        say_clock(facts);
        return false;
    }
    if (planned && facts->directory.writer_down) {
        typed_say(EXIT_FAILED,
                  "the domain controller that all agents write to%s%s did not answer, and this can wait: bring "
                  "it back, or name another as writer in [directory]",
                  facts->directory.writer != NULL ? ", " : "",
                  facts->directory.writer != NULL ? facts->directory.writer : "");
        return false;
    }
    if (facts->directory.read_only) {
        typed_say(EXIT_FAILED,
                  "%s takes no writes (it is a read-only domain controller, or a global catalog port): name another "
                  "domain controller in uri",
                  facts->directory.uri);
        return false;
    }
    if (facts->may_write == ANSWER_NO) {
        typed_say(EXIT_FAILED,
                  "the account may not write: grant it Write Property on msExchAuthCertificateThumbprint and "
                  "msExchAuthNextEffectiveDate of %s",
                  facts->directory.dn);
        return false;
    }
    return true;
}

bool typed_sites_answer(const struct session *session) {
    struct text sites = {0};
    bool cut_off = sites_cut_off(&session->facts);

    if (cut_off) {
        sites_add_cut_off(&session->facts, &sites);
        typed_say(EXIT_FAILED,
                  "no server of a site answered, and this can wait: %s; see why with authcert doctor and bring one of "
                  "each site back, or name servers that are gone for good in ignore of [servers]",
                  sites.failed || sites.value == NULL ? "see authcert check" : sites.value);
    }
    text_free(&sites);
    return !cut_off;
}

bool typed_agreed(struct session *session) {
    const struct facts *facts = &session->facts;

    replication_ask(&session->looker);
    if (facts_slot_state(facts, SLOT_CURRENT, session->invocation->now) == SLOT_UNUSABLE)
        return true;
    for (size_t i = 0; i < facts->controller_count; i++)
        if (facts->controllers[i].agrees == ANSWER_NO) {
            typed_say(EXIT_FAILED,
                      "%s has another auth configuration than %s, which may be newer or older: wait until it is "
                      "replicated (repadmin /showrepl on Windows, samba-tool drs showrepl on Samba), and try again",
                      facts->controllers[i].server, facts->directory.uri);
            return false;
        }
    return true;
}

/* What an admin does by hand for the certificate that the act waits for, server by server. */
static void say_delivery(const struct session *session) {
    const struct facts *facts = &session->facts;
    const char *thumbprint = session->actor.about;
    const char *config = session->invocation->config_path;
    int slot = SLOT_CURRENT;
    bool kept;

    while (slot < SLOT_COUNT && strcmp(facts->slots.thumbprint[slot], thumbprint) != 0)
        slot++;
    kept = slot == SLOT_COUNT || facts->slot[slot].key_kept;
    fprintf(stderr, "authcert: %s has to be on the Exchange servers before it is used:\n", thumbprint);
    if (kept)
        fprintf(stderr, "  1. its key pair is kept here: authcert -c %s export %s FILE.pfx\n", config, thumbprint);
    else
        fprintf(stderr, "  1. its key is not kept here: export it with its key from a server or backup that has it\n");
    fprintf(stderr,
            "  2. import FILE.pfx on these servers (Import-PfxCertificate into LocalMachine\\My, exportable):\n");
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted &&
            (slot == SLOT_COUNT ? facts->servers[i].candidate : facts->servers[i].presence[slot]) != PRESENCE_PRESENT)
            fprintf(stderr, "       %s\n", facts->servers[i].fqdn);
    fprintf(stderr,
            "  3. authcert -c %s deliver --confirm %s\n"
            "     (and after it the names of the servers, when it is not on all of them)\n"
            "  4. the same command as now again: it goes on from there\n",
            config, thumbprint);
}

int typed_exit(struct session *session, enum act_result result) {
    switch (result) {
    case ACT_RESULT_DONE:
    case ACT_RESULT_SHOWN:
        return EXIT_DONE;
    case ACT_RESULT_LOST:
        return typed_say(EXIT_DONE, "nothing was changed here: someone else was faster; see: authcert check");
    case ACT_RESULT_WAITS:
        say_delivery(session);
        return EXIT_DONE;
    case ACT_RESULT_FAILED:
        for (size_t i = 0; i < session->report.done_count; i++)
            if (!session->report.done[i].ok)
                typed_say(EXIT_FAILED, "%s failed: %s", act_name(session->report.done[i].act),
                          session->report.done[i].detail);
        return EXIT_FAILED;
    }
    return EXIT_FAILED;
}

int typed_run(const struct invocation *invocation, typed_work *work) {
    struct session session;
    struct error err = {0};
    bool told = true;
    int result;

    if (!session_open(&session, invocation, true, &result))
        return result;
    if (!look_round(&session.looker, &err))
        goto failed;
    if (!session.facts.read)
        return session_close(&session, session.facts.unreadable.kind == ERROR_CONFIG ? EXIT_USAGE : EXIT_UNREADABLE);
    begun_write_recollect(&session.actor);
    result = work(&session);
    /* After a usage error nothing was tried, so nothing is told or remembered either. */
    if (!invocation->dry_run && result != EXIT_USAGE) {
        if (!look_round(&session.looker, &err) || !replication_confirm(&session.looker, &err))
            goto failed;
        if (!finish_run(&session.looker, &told, &err))
            goto failed;
        if (!told && result == EXIT_DONE)
            result = EXIT_FAILED;
    }
    return session_close(&session, result);
failed:
    typed_say(EXIT_FAILED, "%s", err.text);
    return session_close(&session, EXIT_FAILED);
}
