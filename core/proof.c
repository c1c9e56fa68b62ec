#include "core/proof.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *proof_name(enum proof proof) {
    static const char *const names[PROOF_COUNT] = {"unknown",        "proved",         "absent",   "no-key",
                                                   "wrong-provider", "not-exportable", "no-access"};

    return names[proof];
}

const char *proof_words(enum proof proof) {
    switch (proof) {
    case PROOF_NO_KEY:
        return "has the certificate without its private key";
    case PROOF_WRONG_PROVIDER:
        return "keeps the private key where Exchange cannot use it (not in the CSP that it needs)";
    case PROOF_NOT_EXPORTABLE:
        return "keeps the private key as not exportable, so that Exchange's own commands cannot copy it";
    case PROOF_NO_ACCESS:
        return "does not let NETWORK SERVICE read the private key";
    case PROOF_UNKNOWN:
    case PROOF_PROVED:
    case PROOF_ABSENT:
        break;
    }
    return NULL;
}

static struct proof_note *find(const struct proofs *proofs, const char *fqdn, const char *thumbprint) {
    for (size_t i = 0; i < proofs->count; i++)
        if (strcmp(proofs->items[i].thumbprint, thumbprint) == 0 && strcasecmp(proofs->items[i].fqdn, fqdn) == 0)
            return &proofs->items[i];
    return NULL;
}

const struct proof_note *proofs_find(const struct proofs *proofs, const char *fqdn, const char *thumbprint) {
    return find(proofs, fqdn, thumbprint);
}

bool proofs_note(struct proofs *proofs, const struct proof_note *note, struct error *err) {
    struct proof_note copy = *note;
    struct proof_note *place = find(proofs, note->fqdn, note->thumbprint);
    struct proof_note *items = proofs->items;

    copy.fqdn = strdup(note->fqdn);
    copy.trouble = note->trouble ? strdup(note->trouble) : NULL;
    if (!place) {
        items = reallocarray(proofs->items, proofs->count + 1, sizeof(*items));
        if (items)
            proofs->items = items;
    }
    if (!copy.fqdn || (note->trouble && !copy.trouble) || !items) {
        free(copy.fqdn);
        free(copy.trouble);
        return error_memory(err);
    }
    if (place) {
        free(place->fqdn);
        free(place->trouble);
    } else {
        place = &proofs->items[proofs->count++];
    }
    *place = copy;
    return true;
}

void proofs_free(struct proofs *proofs) {
    for (size_t i = 0; i < proofs->count; i++) {
        free(proofs->items[i].fqdn);
        free(proofs->items[i].trouble);
    }
    free(proofs->items);
    *proofs = (struct proofs){0};
}
