#include "monitor/act/see_to_entra.h"

#include "monitor/act/enrolment.h"
#include "monitor/act/entra.h"
#include "monitor/look/look.h"

bool see_to_entra(struct actor *actor, struct error *err) {
    struct looker *looker = actor->looker;
    const struct facts *facts = looker->facts;
    bool tried;

    if (looker->policy->entra == ENTRA_OFF || !facts->read || facts->slots.malformed != 0 || facts->tenant_count == 0 ||
        looker->ports->entra.ask == NULL || !entra_may_change(actor))
        return true;
    tried = entra_give_slots(actor);
    tried = enrolment_renew(actor) || tried;
    /* What was read elsewhere than at the one writer may be older than the last change. */
    if (!facts->directory.writer_down)
        tried = entra_take_back(actor) || tried;
    return !tried || look_round(looker, err);
}
