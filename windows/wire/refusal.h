/*
 * Why a server's WinRM gave no answer that can be used, in words: what was seen, what it means, what to do. What stands
 * in them of the server's own is printable. Each sets the error and returns false.
 */
#ifndef WINDOWS_WIRE_REFUSAL_H
#define WINDOWS_WIRE_REFUSAL_H

#include "base/error.h"
#include "base/text.h"
#include "web/http.h"

#include <stdbool.h>

/* http_end failed. `reached`: there were answers before. */
bool refusal_no_answer(const struct http *http, int port, bool reached, struct error *err);

/* A status that says no, or a body that is none of WinRM. */
bool refusal_of_status(const struct http_answer *answer, struct error *err);

/* A 401 that offers neither Kerberos nor Negotiate. */
bool refusal_offers_nothing(const struct strings *challenges, struct error *err);

/* It took no ticket, under whichever name. */
bool refusal_by_all(const char *host, bool tls, struct error *err);

/* It knows us no longer. */
bool refusal_lost(struct error *err);

#endif
