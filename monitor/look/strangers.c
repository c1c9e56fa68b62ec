#include "monitor/look/strangers.h"

#include <string.h>

#define AUTH_SUBJECT "CN=Microsoft Exchange Server Auth Certificate"
#define NAMES_MOST 5 /* servers of each */

/* In a slot, also in one that is spelled in a malformed way, or our own. */
static bool is_named(const struct facts *facts, const char *thumbprint) {
    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (strcmp(facts->slots.thumbprint[slot], thumbprint) == 0)
            return true;
    if (strcmp(facts->candidate.thumbprint, thumbprint) == 0)
        return true;
    for (size_t i = 0; facts->slots.malformed != 0 && i < facts->raw_count; i++) {
        struct slot_value value = slot_value_parse(&facts->raw_values[i]);

        if (value.readable && strcmp(value.thumbprint, thumbprint) == 0)
            return true;
    }
    return false;
}

const struct certificate *strangers_foreign(const struct probed *probed, const struct probed_server *answer,
                                            const struct facts *facts) {
    for (size_t i = 0; i < answer->thumbprint_count; i++) {
        const struct certificate *certificate;

        if (is_named(facts, answer->thumbprints[i]))
            continue;
        certificate = probed_certificate(probed, answer->thumbprints[i]);
        if (certificate != NULL && strcmp(certificate->subject, AUTH_SUBJECT) != 0)
            return certificate;
    }
    return NULL;
}

static struct stranger *find(struct strangers *strangers, const char *thumbprint) {
    for (size_t i = 0; i < strangers->count; i++)
        if (strcmp(strangers->items[i].thumbprint, thumbprint) == 0)
            return &strangers->items[i];
    if (strangers->count == STRANGERS_MOST)
        return NULL;
    strangers->items[strangers->count] = (struct stranger){.thumbprint = thumbprint};
    return &strangers->items[strangers->count++];
}

void strangers_note(struct strangers *strangers, const struct probed_server *answer, const struct facts *facts) {
    for (size_t i = 0; i < answer->thumbprint_count; i++) {
        struct stranger *stranger =
            is_named(facts, answer->thumbprints[i]) ? NULL : find(strangers, answer->thumbprints[i]);

        if (stranger == NULL)
            continue;
        text_add_name(&stranger->servers, answer->fqdn, stranger->count++, NAMES_MOST);
    }
}

void strangers_end(struct strangers *strangers, bool tell, struct facts *facts) {
    for (size_t i = 0; i < strangers->count; i++) {
        struct stranger *stranger = &strangers->items[i];

        text_add_more(&stranger->servers, stranger->count, NAMES_MOST);
        if (tell && !stranger->servers.failed)
            strings_add(&facts->remarks,
                        "A certificate that is in no slot, %s, is still served by %s, more than 25 hours after the "
                        "auth configuration last changed: Exchange's services there may have to be restarted.",
                        stranger->thumbprint, stranger->servers.value);
        text_free(&stranger->servers);
    }
    strangers->count = 0;
}
