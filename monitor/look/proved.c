#include "monitor/look/proved.h"

#include <stdlib.h>
#include <string.h>

#include "monitor/look/observe.h"

#define ASKED_MOST 3 /* current, next, the candidate */

/* The certificates that are asked about; *ret_own is the caller's to free. */
static size_t choose(const struct looker *looker, const struct certificate *chosen[ASKED_MOST],
                     struct certificate **ret_own) {
    const struct facts *facts = looker->facts;
    struct error ignored = {0};
    size_t count = 0;

    for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
        if (slot != SLOT_PREVIOUS && facts->slot[slot].certificate)
            chosen[count++] = facts->slot[slot].certificate;
    if (facts->candidate.thumbprint[0] != '\0' &&
        observe_find(&looker->ports->shelf, &looker->probed, facts, facts->candidate.thumbprint, ret_own, &ignored) &&
        *ret_own)
        chosen[count++] = *ret_own;
    return count;
}

static bool ask(struct looker *looker, struct error *err) {
    const struct windows_port *port = &looker->ports->windows;
    const struct certificate *chosen[ASKED_MOST];
    struct certificate *own = NULL;
    struct strings servers = {0};
    size_t count = choose(looker, chosen, &own);
    bool ok = true;

    for (size_t i = 0; i < looker->facts->server_count; i++)
        if (looker->facts->servers[i].counted)
            strings_add(&servers, "%s", looker->facts->servers[i].fqdn);
    if (servers.failed) {
        ok = error_memory(err);
    } else if (servers.count > 0 && count > 0) {
        progress_begin(&looker->ports->progress, "asking %zu server%s over WinRM", servers.count,
                       servers.count == 1 ? "" : "s");
        ok = port->look(port->context, &servers, chosen, count, looker->now, &looker->proofs, err);
        progress_end(&looker->ports->progress);
    }
    strings_free(&servers);
    certificate_free(own);
    return ok;
}

void proved_ask(struct looker *looker) {
    if (!looker->ports->windows.look)
        return;
    if (!looker->proofs_asked && !ask(looker, &looker->unproved))
        strings_add(looker->troubles, "the Exchange servers could not be asked over WinRM: %s", looker->unproved.text);
    looker->proofs_asked = true;
    if (looker->unproved.kind != ERROR_NONE)
        remarks_add(&looker->facts->remarks, "winrm-unasked", "The Exchange servers could not be asked over WinRM: %s",
                    looker->unproved.text);
}

static enum proof take(const struct proofs *proofs, const char *thumbprint, struct server_facts *server) {
    const struct proof_note *note =
        thumbprint[0] != '\0' && server->counted ? proofs_find(proofs, server->fqdn, thumbprint) : NULL;

    if (!note)
        return PROOF_UNKNOWN;
    if (note->at > server->proved_at)
        server->proved_at = note->at;
    if (note->trouble && note->proof != PROOF_PROVED && !server->proof_trouble)
        server->proof_trouble = strdup(note->trouble);
    return note->proof;
}

void proved_apply(const struct proofs *proofs, struct facts *facts) {
    for (size_t i = 0; i < facts->server_count && proofs->count > 0; i++) {
        struct server_facts *server = &facts->servers[i];

        free(server->proof_trouble);
        server->proof_trouble = NULL;
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            server->proof[slot] = take(proofs, facts->slots.thumbprint[slot], server);
        /* What it shows of its store ends the silence as a good document does. */
        for (int slot = SLOT_CURRENT; slot < SLOT_COUNT; slot++)
            server->learned = server->learned || server->proof[slot] != PROOF_UNKNOWN;
        server->candidate_proof = take(proofs, facts->candidate.thumbprint, server);
    }
}

void proved_remember(struct looker *looker) {
    struct deliveries *deliveries = &looker->history->deliveries;
    struct error err = {0};

    for (size_t i = 0; i < looker->proofs.count; i++) {
        const struct proof_note *proof = &looker->proofs.items[i];
        const struct delivery_note *known = deliveries_find(deliveries, proof->thumbprint, proof->fqdn);
        bool present = proof->proof == PROOF_PROVED;

        if (proof->proof == PROOF_UNKNOWN || (!known && !present) || (known && known->present == present))
            continue;
        if (!deliveries_note(deliveries, proof->thumbprint, proof->fqdn, present, proof->at, &err))
            strings_add(looker->troubles, "%s", err.text);
    }
}
