/*
 * Why TLS with a peer failed although its certificate is of a known CA: keys, signatures and protocols that this host
 * thinks too weak. Says cause and remedy, whoever the peer is. Pure.
 */
#ifndef WEB_VERDICT_H
#define WEB_VERDICT_H

#include "base/text.h"

#include <stdbool.h>

/* Adds a sentence without a dot at its end; false when it was for no such reason, and then adds nothing. `verdict` is
 * OpenSSL's about the certificate (X509_V_...), `detail` its or the TLS library's text: each may lack. */
bool verdict_add_weakness(long verdict, const char *detail, struct text *out);

#endif
