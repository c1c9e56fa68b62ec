#include "monitor/session/by_hand.h"

#include <stdio.h>

#include "notify/plain.h"
#include "notify/words/partners.h"

/* Says it on standard error as a mail's text does. */
static void say(struct layout *layout) {
    struct text text = {0};

    plain_add(&text, layout);
    fputs(text.failed || text.value == NULL ? "" : text.value, stderr);
    text_free(&text);
    layout_free(layout);
}

void by_hand_say_activation(const struct session *session) {
    const struct facts *facts = &session->facts;
    struct layout layout = {0};

    fputs("authcert: written.\n", stderr);
    partners_add_commands(&layout);
    say(&layout);
    for (size_t i = 0; i < facts->server_count; i++)
        if (facts->servers[i].counted)
            fprintf(stderr, "    on %s\n", facts->servers[i].fqdn);
    if (facts->probed)
        fputs("Which servers serve it by then is told by: authcert check\n", stderr);
    by_hand_say_partners(facts);
}

void by_hand_say_partners(const struct facts *facts) {
    struct layout layout = {0};

    partners_add_steps(&layout, facts);
    say(&layout);
}
