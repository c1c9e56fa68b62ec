/*
 * One conversation with one mail relay: the only file of this room that speaks SMTP. A password is only ever sent
 * inside TLS: with a user name TLS is required whatever the settings say. Everything a relay answers is capped and
 * waited for with the limits of its step (notify/mail/patience.h), and no proxy from the environment is used. Nothing
 * here is kept between calls.
 */
#ifndef NOTIFY_MAIL_SMTP_H
#define NOTIFY_MAIL_SMTP_H

#include "base/error.h"
#include "base/text.h"
#include "notify/mail/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of a letter's way to one recipient. */
enum smtp_outcome {
    SMTP_WAITS,  /* no relay took it */
    SMTP_TAKEN,  /* one did, and said so */
    SMTP_UNCLEAR /* one got it whole and did not say whether it took it */
};

struct smtp_letter {
    const char *from;
    const struct strings *to;
    const char *text; /* complete, CRLF line ends */
    size_t length;
    enum smtp_outcome *outcome; /* one per recipient: those that do not wait are left out */
    int64_t most;               /* milliseconds that this conversation may take in all */
};

/* Hands the letter to one relay (smtp://host[:port], smtps://host[:port]); `host` is this machine's name for EHLO.
 * True when the relay took it for every recipient that waited. Otherwise the outcomes say for whom it did not or is
 * unclear, and the error what the relay refused and what to do: NETWORK (no answer, TLS, or a refusal for now: 4xx),
 * CREDENTIALS (AUTH refused), CONFIG (refused for good: 5xx, or unusable settings). `ret_reached` (set always) tells
 * whether it is worth talking to this relay again in this run. */
bool smtp_send(const struct mail_settings *settings, const char *relay, const char *host,
               const struct smtp_letter *letter, bool *ret_reached, struct error *err) MUST_CHECK;

/* The same conversation up to TLS and AUTH, then NOOP and QUIT. */
bool smtp_probe(const struct mail_settings *settings, const char *relay, const char *host,
                struct error *err) MUST_CHECK;

#endif
