#include "monitor/commands/commands.h"

#include <string.h>

#include "monitor/act/refresh.h"
#include "monitor/run/exit.h"
#include "monitor/session/typed.h"

static int refresh(struct session *session) {
    const char *const *names = session->invocation->arguments;
    const struct facts *facts = &session->facts;
    struct strings wanted = {0};
    struct error err = {0};
    bool ok;

    if (session->ports.windows.refresh == NULL)
        return session_misuse(session, "services are refreshed over WinRM: set method = winrm in [delivery] "
                                       "(docs/windows.md), or restart MSExchangeServiceHost on the servers by hand");
    if (facts_slot_state(facts, SLOT_CURRENT, session->invocation->now) != SLOT_USABLE)
        return session_say(session, EXIT_FAILED,
                           "the current certificate cannot be used, so no service can begin with it: "
                           "authcert recover");
    for (size_t i = 0; names[i] != NULL; i++) {
        const struct server_facts *server = typed_server(facts, names[i], &err);

        if (server == NULL) {
            strings_free(&wanted);
            return session_misuse(session, "%s", err.text);
        }
        strings_add(&wanted, "%s", server->fqdn);
    }
    for (size_t i = 0; names[0] == NULL && i < facts->server_count; i++)
        if (facts->servers[i].counted)
            strings_add(&wanted, "%s", facts->servers[i].fqdn);
    if (wanted.failed)
        return session_say(session, EXIT_FAILED, "out of memory");
    if (wanted.count == 0)
        return session_say(session, EXIT_FAILED, "no counted Exchange server was seen");
    ok = refresh_servers(&session->actor, &wanted);
    strings_free(&wanted);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static int run(const struct invocation *invocation) {
    return typed_run(invocation, refresh);
}

const struct command command_refresh = {
    .name = "refresh",
    .arguments = "[FQDN...]",
    .what = "over WinRM: restart MSExchangeServiceHost, recycle the two pools, where the new key is proved",
    .run = run,
    .rehearses = true,
    .takes_words = true,
};
