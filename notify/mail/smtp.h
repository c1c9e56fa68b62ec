/*
 * One conversation with one mail relay: the only file of this room that speaks SMTP. A password is only ever sent
 * inside TLS: with a user name TLS is required whatever the settings say. Everything a relay answers is capped and
 * waited for with a limit, and no proxy from the environment is used. Nothing here is kept between calls.
 */
#ifndef NOTIFY_MAIL_SMTP_H
#define NOTIFY_MAIL_SMTP_H

#include "base/error.h"
#include "base/text.h"
#include "notify/mail/settings.h"

#include <stdbool.h>
#include <stddef.h>

struct smtp_letter {
    const char *from;
    const struct strings *to;
    const char *text; /* complete, CRLF line ends */
    size_t length;
    bool *taken; /* one per recipient: those set are left out, and those that the relay took are set */
};

/* Hands the letter to one relay (smtp://host[:port], smtps://host[:port]); `host` is this machine's name for EHLO.
 * True when the relay took it for every recipient that was not taken before. Otherwise the error says what the relay
 * refused and what to do: NETWORK (no answer, TLS, or a refusal for now: 4xx), CREDENTIALS (AUTH refused), CONFIG
 * (refused for good: 5xx, or unusable settings). `ret_reached` (set always) tells whether it is worth talking to this
 * relay again in this run. */
bool smtp_send(const struct mail_settings *settings, const char *relay, const char *host,
               const struct smtp_letter *letter, bool *ret_reached, struct error *err) MUST_CHECK;

/* The same conversation up to TLS and AUTH, then NOOP and QUIT. */
bool smtp_probe(const struct mail_settings *settings, const char *relay, const char *host,
                struct error *err) MUST_CHECK;

#endif
