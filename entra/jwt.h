/*
 * The two signed statements (JSON Web Tokens, RFC 7515 and 7519) by which Entra knows whoever holds a key of an
 * application: one that asks for a token, and one that goes along with a change of the application's keys. Each is good
 * for ten minutes, and for its one address.
 */
#ifndef ENTRA_JWT_H
#define ENTRA_JWT_H

#include "base/error.h"
#include "base/text.h"
#include "core/signer.h"

#include <stdbool.h>
#include <time.h>

#define JWT_LIFE 600 /* seconds */

/* Of an application that asks for a token at `audience`; to free. */
bool jwt_assertion(const struct signer *signer, enum signature_form form, const char *application, const char *audience,
                   time_t now, struct text *ret_jwt, struct error *err) MUST_CHECK;

/* That whoever changes the application with this object identifier holds a key of it; to free. */
bool jwt_proof(const struct signer *signer, const char *object, const char *audience, time_t now, struct text *ret_jwt,
               struct error *err) MUST_CHECK;

#endif
