/*
 * The way to Entra: one HTTPS client for all questions of a run, to the hosts of the settings alone. Nothing is
 * followed, answers are capped, tokens lie in memory that is wiped and are used for one request. Texts of errors and
 * answers hold nothing that was sent.
 */
#ifndef ENTRA_CLIENT_H
#define ENTRA_CLIENT_H

#include "base/error.h"
#include "base/text.h"
#include "core/signer.h"
#include "core/tenant.h"
#include "entra/settings.h"

#include <stdbool.h>
#include <time.h>

struct entra_client;

/* The settings are borrowed. CONFIG when ca_file cannot be read. */
bool entra_open(const struct entra_settings *settings, struct entra_client **ret_client, struct error *err) MUST_CHECK;
void entra_close(struct entra_client *client);

/* What asks for a token as the tenant's application, signed by the key of `signer`; to free with text_free. It is good
 * for ten minutes from `now`. */
bool entra_form(const struct entra_settings *settings, const struct tenant *tenant, const struct signer *signer,
                time_t now, struct text *ret_form, struct error *err) MUST_CHECK;

/* Does Entra accept the key that signed the form? Sends it, and wipes the token that comes. */
void entra_ask(struct entra_client *client, const struct tenant *tenant, const struct text *form,
               struct entra_verdict *ret_verdict);

/* Adds a certificate to the application, whose object identifier is `object`: with a token and a proof by `signer`,
 * whose key the application must have already. Done is not yet known everywhere: ask again. */
void entra_add(struct entra_client *client, const struct tenant *tenant, const char *object,
               const struct signer *signer, const struct certificate *certificate, time_t now,
               struct entra_outcome *ret_outcome);

/* Removes a key by the identifier that entra_add returned. */
void entra_remove(struct entra_client *client, const struct tenant *tenant, const char *object,
                  const struct signer *signer, const char *key_id, time_t now, struct entra_outcome *ret_outcome);

#endif
