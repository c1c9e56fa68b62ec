/*
 * A password-protected PFX of a key pair, in the form that Windows takes into a CSP: the legacy one (PBE-SHA1-3DES, MAC
 * SHA-1) that every Windows Server reads, or the modern one (AES-256, SHA-256) for Server 2019 and later.
 */
#ifndef RENEW_KEYS_PFX_WRITE_H
#define RENEW_KEYS_PFX_WRITE_H

#include "base/error.h"
#include "base/secret.h"
#include "renew/keys/keypair.h"

#include <stdbool.h>

enum pfx_form { PFX_LEGACY, PFX_MODERN };

#define PFX_MOST 16384 /* bytes of a PFX with one key pair */

/* The bag attributes are those of facts about Windows' import: friendlyName, local key set, CSP name, key usage
 * AT_KEYEXCHANGE, localKeyID. The PFX is returned as a secret (SECRET_MOST does not bound it). */
bool pfx_write(const struct keypair *pair, const struct secret *password, enum pfx_form form, time_t now,
               struct secret *ret_pfx, struct error *err) MUST_CHECK;

/* A fresh password of 26 random base-32 characters (130 bits). */
bool pfx_random_password(struct secret *ret_password, struct error *err) MUST_CHECK;

#endif
