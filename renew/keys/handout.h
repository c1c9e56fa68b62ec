/*
 * The one door through which kept key pairs leave the key store: as proof that they are there, packed for Windows,
 * sealed to the recovery key, or lent for signing. An open key never passes it, so what stands above this room holds
 * none.
 */
#ifndef RENEW_KEYS_HANDOUT_H
#define RENEW_KEYS_HANDOUT_H

#include "base/error.h"
#include "base/secret.h"
#include "core/signer.h"
#include "renew/keys/keystore.h"
#include "renew/keys/pfx_write.h"
#include "renew/keys/seal.h"

#include <stdbool.h>

/* Proves that the pair is kept, opens and matches; its certificate is the caller's to free. Of all here: LOCAL when it
 * is not kept, and the errors of keystore_open. */
bool handout_certificate(const struct keystore *store, const char *thumbprint, struct certificate **ret_certificate,
                         struct error *err) MUST_CHECK;

/* A kept pair as pfx_write makes it. */
bool handout_pfx(const struct keystore *store, const char *thumbprint, const struct secret *password,
                 enum pfx_form form, time_t now, struct secret *ret_pfx, struct error *err) MUST_CHECK;

/* A kept pair as seal_pair makes it. */
bool handout_sealed(const struct keystore *store, const char *thumbprint, const struct recovery *recovery,
                    struct bytes *ret_sealed, struct error *err) MUST_CHECK;

/* Opens a kept pair, lends `work` its certificate and its signatures, and wipes it. False also when `work` failed. */
bool handout_signer(const struct keystore *store, const char *thumbprint, signer_work *work, void *context,
                    struct error *err) MUST_CHECK;

/* The same with a pair that is made for this call and nobody will see again. */
bool handout_trial_signer(int bits, struct span lifetime, time_t now, signer_work *work, void *context,
                          struct error *err) MUST_CHECK;

/* A pair that nobody has seen or will see, to try a road to the servers with. */
bool handout_trial(int bits, struct span lifetime, const struct secret *password, enum pfx_form form, time_t now,
                   struct secret *ret_pfx, char ret_thumbprint[THUMBPRINT_SIZE], struct error *err) MUST_CHECK;

#endif
