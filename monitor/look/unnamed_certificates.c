#include "monitor/look/unnamed_certificates.h"

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
    for (size_t i = 0; (facts->slots.malformed | facts->slots.leftover) != 0 && i < facts->raw_count; i++) {
        struct slot_value value = slot_value_parse(&facts->raw_values[i]);

        if (value.readable && strcmp(value.thumbprint, thumbprint) == 0)
            return true;
    }
    return false;
}

const struct certificate *unnamed_certificates_foreign(const struct probed *probed, const struct probed_server *answer,
                                                       const struct facts *facts) {
    for (size_t i = 0; i < answer->thumbprint_count; i++) {
        const struct certificate *certificate;

        if (is_named(facts, answer->thumbprints[i]))
            continue;
        certificate = probed_certificate(probed, answer->thumbprints[i]);
        if (certificate != NULL && !certificate->genuine && strcmp(certificate->subject, AUTH_SUBJECT) != 0)
            return certificate;
    }
    return NULL;
}

static struct unnamed_certificate *find(struct unnamed_certificates *unnamed, const char *thumbprint) {
    for (size_t i = 0; i < unnamed->count; i++)
        if (strcmp(unnamed->items[i].thumbprint, thumbprint) == 0)
            return &unnamed->items[i];
    if (unnamed->count == UNNAMED_CERTIFICATES_MOST)
        return NULL;
    unnamed->items[unnamed->count] = (struct unnamed_certificate){.thumbprint = thumbprint};
    return &unnamed->items[unnamed->count++];
}

void unnamed_certificates_note(struct unnamed_certificates *unnamed, const struct probed_server *answer,
                               const struct facts *facts) {
    for (size_t i = 0; i < answer->thumbprint_count; i++) {
        struct unnamed_certificate *one =
            is_named(facts, answer->thumbprints[i]) ? NULL : find(unnamed, answer->thumbprints[i]);

        if (one != NULL)
            text_add_name(&one->servers, answer->fqdn, one->count++, NAMES_MOST);
    }
}

void unnamed_certificates_end(struct unnamed_certificates *unnamed, bool tell, struct facts *facts) {
    for (size_t i = 0; i < unnamed->count; i++) {
        struct unnamed_certificate *one = &unnamed->items[i];

        text_add_more(&one->servers, one->count, NAMES_MOST);
        if (tell && !one->servers.failed)
            remarks_add(&facts->remarks, "unnamed-certificate",
                        "A certificate that is in no slot, %s, is still served by %s, more than 25 hours after the "
                        "auth configuration last changed: Exchange's services there may have to be restarted.",
                        one->thumbprint, one->servers.value);
        text_free(&one->servers);
    }
    unnamed->count = 0;
}
