/*
 * Delivery by hand, step by step: writing the PFX of a kept key pair, bringing it into the Exchange servers' stores as
 * Exchange needs it, and confirming it. No PFX lies waiting anywhere until a person asks for it. Pure wording.
 */
#ifndef NOTIFY_WORDS_HANDOVER_H
#define NOTIFY_WORDS_HANDOVER_H

#include "core/report.h"
#include "notify/words/layout.h"
#include "notify/words/speaker.h"

#include <stdbool.h>

#define HANDOVER_FILE "authcert.pfx" /* the name the texts use for a key pair on its way to the servers */

/* Does a kept key pair have to be brought to servers by hand before authcert can go on? */
bool handover_waits(const struct report *report);

/* The steps for it. Only when handover_waits says so. */
void handover_add(struct layout *out, const struct speaker *speaker, const struct report *report);

/* How a person gives the certificate that waits to each tenant of Entra that does not accept it, with everything filled
 * in. */
void handover_add_upload(struct layout *out, const struct speaker *speaker, const struct report *report);

/* The ways in which a certificate is uploaded to one application, the one that deletes the key in use among them, named
 * as such. `file` is where its bytes lie on this host, DER; NULL = the reader knows. */
void handover_add_ways(struct layout *out, const struct tenant *tenant, const char *file);

#endif
