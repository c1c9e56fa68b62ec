/*
 * Certificates kept on this host, in the state folder: certificates/ holds what runs verified, imported/ what an admin
 * gave, one DER file per thumbprint. Bytes count only when their SHA-1 is the file's name. No private key lives here.
 */
#ifndef RENEW_KEYS_SHELF_H
#define RENEW_KEYS_SHELF_H

#include "core/certificate.h"
#include "base/error.h"
#include "core/facts.h"

#include <stdbool.h>

struct shelf {
    int state; /* descriptor of the state folder, -1 when there is none: nothing is found then */
};

/* Shapes of shelf_port's functions with a struct shelf as context. */
bool shelf_find(void *shelf, const char *thumbprint, struct certificate **ret_certificate, enum source *ret_source,
                struct error *err);
bool shelf_keep(void *shelf, const struct certificate *certificate, struct error *err);

/* Keeps a certificate that an admin gave. `ret_new` tells whether it was not there before. */
bool shelf_import(struct shelf *shelf, const struct certificate *certificate, bool *ret_new,
                  struct error *err) MUST_CHECK;

#endif
