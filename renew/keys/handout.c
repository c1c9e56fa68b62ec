#include "renew/keys/handout.h"

#include <string.h>

#include "renew/keys/sign.h"

static bool open_kept(const struct keystore *store, const char *thumbprint, struct keypair *ret_pair,
                      struct error *err) {
    struct error why = {0};

    if (keystore_open(store, thumbprint, ret_pair, &why))
        return true;
    if (why.kind == ERROR_NONE)
        return error_set(err, ERROR_LOCAL, "the private key of %s is not kept on this host", thumbprint);
    return error_set(err, why.kind, "%s", why.text);
}

bool handout_certificate(const struct keystore *store, const char *thumbprint, struct certificate **ret_certificate,
                         struct error *err) {
    struct keypair pair = {0};

    if (!open_kept(store, thumbprint, &pair, err))
        return false;
    *ret_certificate = pair.certificate;
    pair.certificate = NULL;
    keypair_free(&pair);
    return true;
}

bool handout_pfx(const struct keystore *store, const char *thumbprint, const struct secret *password,
                 enum pfx_form form, time_t now, struct secret *ret_pfx, struct error *err) {
    struct keypair pair = {0};
    bool done = open_kept(store, thumbprint, &pair, err) && pfx_write(&pair, password, form, now, ret_pfx, err);

    keypair_free(&pair);
    return done;
}

bool handout_sealed(const struct keystore *store, const char *thumbprint, const struct recovery *recovery,
                    struct bytes *ret_sealed, struct error *err) {
    struct keypair pair = {0};
    bool done = open_kept(store, thumbprint, &pair, err) && seal_pair(recovery, &pair, ret_sealed, err);

    keypair_free(&pair);
    return done;
}

bool handout_signer(const struct keystore *store, const char *thumbprint, signer_work *work, void *context,
                    struct error *err) {
    struct keypair pair = {0};
    bool done = open_kept(store, thumbprint, &pair, err) && sign_lend(&pair, work, context, err);

    keypair_free(&pair);
    return done;
}

bool handout_trial_signer(int bits, struct span lifetime, time_t now, signer_work *work, void *context,
                          struct error *err) {
    struct keypair pair = {0};
    bool done = keypair_make(bits, lifetime, now, &pair, err) && sign_lend(&pair, work, context, err);

    keypair_free(&pair);
    return done;
}

bool handout_trial(int bits, struct span lifetime, const struct secret *password, enum pfx_form form, time_t now,
                   struct secret *ret_pfx, char ret_thumbprint[THUMBPRINT_SIZE], struct error *err) {
    struct keypair pair = {0};
    bool done = keypair_make(bits, lifetime, now, &pair, err) && pfx_write(&pair, password, form, now, ret_pfx, err);

    if (done)
        memcpy(ret_thumbprint, pair.certificate->thumbprint, THUMBPRINT_SIZE);
    keypair_free(&pair);
    return done;
}
