/*
 * What a server itself showed of a certificate in its store, over a connection that proved who it is: the key works
 * there, shown by a signature over our question, or what is wrong with it. "Not asked, or no good answer" is a value of
 * its own. Owns its strings; free with proofs_free.
 */
#ifndef CORE_PROOF_H
#define CORE_PROOF_H

#include "base/error.h"
#include "core/slots.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum proof {
    PROOF_UNKNOWN = 0,
    PROOF_PROVED,         /* Exchange can use it: its signature was checked against the certificate */
    PROOF_ABSENT,         /* the certificate is not in the store */
    PROOF_NO_KEY,         /* it is, without its private key */
    PROOF_WRONG_PROVIDER, /* the key lies with a provider that Exchange cannot use */
    PROOF_NOT_EXPORTABLE,
    PROOF_NO_ACCESS /* NETWORK SERVICE may not read the key */
};
#define PROOF_COUNT (PROOF_NO_ACCESS + 1)

const char *proof_name(enum proof proof); /* as in the JSON */

/* "the key is missing" and so on, to follow a server's name; NULL for those that are no finding. */
const char *proof_words(enum proof proof);

/* Of one certificate on one server. */
struct proof_note {
    char *fqdn;
    char thumbprint[THUMBPRINT_SIZE];
    enum proof proof;
    bool reached;  /* the server answered, if only to refuse */
    char *trouble; /* printable: why PROOF_UNKNOWN, or what the server adds; NULL = nothing */
    time_t at;
};

struct proofs {
    struct proof_note *items;
    size_t count;
};

/* Takes a copy of what is known now, in the place of what was known of the same before. */
bool proofs_note(struct proofs *proofs, const struct proof_note *note, struct error *err) MUST_CHECK;

/* Names compare without case; NULL when nothing was asked. */
const struct proof_note *proofs_find(const struct proofs *proofs, const char *fqdn, const char *thumbprint);

void proofs_free(struct proofs *proofs);

#endif
