/*
 * Signatures by a key pair that is open already. Private to renew: handout.h is the door.
 */
#ifndef RENEW_KEYS_SIGN_H
#define RENEW_KEYS_SIGN_H

#include "base/error.h"
#include "core/signer.h"
#include "renew/keys/keypair.h"

#include <stdbool.h>

/* Lends the pair's signer to `work`; nothing of it is left behind afterwards. */
bool sign_lend(const struct keypair *pair, signer_work *work, void *context, struct error *err) MUST_CHECK;

#endif
