#include "monitor/session/by_hand.h"

#include "monitor/run/exit.h"
#include "notify/plain.h"
#include "notify/words/partners.h"

static void say(struct session *session, struct layout *layout) {
    plain_add(&session->closing, layout);
    layout_free(layout);
}

void by_hand_say_activation(struct session *session) {
    const struct facts *facts = &session->facts;
    struct layout layout = {0};

    session_say(session, EXIT_DONE, "written");
    partners_add_commands(&layout);
    say(session, &layout);
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted)
            text_format(&session->closing, "    on %s\n", facts->servers[i].fqdn);
    by_hand_say_partners(session);
    if (facts->probed)
        session_say(session, EXIT_DONE, "which servers use it by then shows: authcert check");
    session->steps_said = true;
}

void by_hand_say_partners(struct session *session) {
    struct layout layout = {0};

    partners_add_steps(&layout, &session->facts);
    say(session, &layout);
}
