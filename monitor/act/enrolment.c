#include "monitor/act/enrolment.h"

#include <string.h>

#include "base/time.h"
#include "monitor/act/entra.h"

struct certificate *enrolment_make(struct actor *actor) {
    struct looker *looker = actor->looker;
    const struct entra_port *entra = &looker->ports->entra;
    const struct shelf_port *shelf = &looker->ports->shelf;
    struct certificate *certificate = NULL;
    struct text text = {0};
    struct error err = {0};

    if (!entra->enroll(entra->context, looker->now, &certificate, &err) ||
        !shelf->keep(shelf->context, certificate, &err)) {
        strings_add(looker->troubles, "no key pair for Entra could be made: %s", err.text);
        certificate_free(certificate);
        return NULL;
    }
    text_format(&text, "the key pair %s was made for Entra alone", certificate->thumbprint);
    if (text.failed || !history_add(looker->history, looker->now, "done", text.value, &err))
        strings_add(looker->troubles, "out of memory: that a key pair was made for Entra is not remembered");
    text_free(&text);
    (void)entra_give(actor, certificate->thumbprint);
    return certificate;
}

bool enrolment_list(const struct entra_port *entra, struct entra_own *ret_own, size_t *ret_count, struct error *err) {
    size_t count = 0;

    if (!entra->own(entra->context, ret_own, &count, err))
        return false;
    *ret_count = 0;
    while (*ret_count < count && ret_own[*ret_count].alone)
        (*ret_count)++;
    return true;
}

/* Can nothing of it be needed in Entra any more: it ended, or we took it out everywhere? */
static bool may_go(const struct looker *looker, const struct entra_own *own) {
    bool taken_out = true;

    if (own->not_after <= looker->now)
        return true;
    for (size_t i = 0; i < looker->facts->tenant_count; i++) {
        const struct entra_note *note =
            entra_notes_find(&looker->history->entra, &looker->facts->tenants[i].tenant, own->thumbprint);

        taken_out = taken_out && note != NULL && note->key_id[0] == '\0' && note->accepts != ANSWER_YES;
    }
    return taken_out;
}

bool enrolment_renew(struct actor *actor) {
    struct looker *looker = actor->looker;
    const struct entra_port *entra = &looker->ports->entra;
    struct entra_own own[ENTRA_OWN_MOST];
    struct error err = {0};
    size_t count = 0;

    if (!enrolment_list(entra, own, &count, &err) || count == 0)
        return false;
    if (own[0].not_after - looker->now >= ENROLMENT_RENEW) {
        bool accepted = count == 1 || entra_give(actor, own[0].thumbprint);

        for (size_t i = 1; accepted && i < count; i++)
            if (may_go(looker, &own[i]) && !entra->forget(entra->context, own[i].thumbprint, &err))
                strings_add(looker->troubles, "%s", err.text);
        return count > 1;
    }
    if (count < ENTRA_OWN_MOST && own[0].not_after > looker->now)
        certificate_free(enrolment_make(actor));
    return true;
}
