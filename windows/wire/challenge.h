/*
 * What a web server offers in WWW-Authenticate (RFC 7235, RFC 4559), and the token that it sends along. Pure.
 */
#ifndef WINDOWS_WIRE_CHALLENGE_H
#define WINDOWS_WIRE_CHALLENGE_H

#include "base/text.h"

#include <stdbool.h>

/* Is the scheme offered, with or without a token? */
bool challenge_offers(const struct strings *challenges, const char *scheme);

/* Adds the bytes of the scheme's token to `ret_token`; false when there is none, or none that can be read. */
bool challenge_token(const struct strings *challenges, const char *scheme, struct text *ret_token)
    __attribute__((warn_unused_result));

#endif
