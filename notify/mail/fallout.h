/*
 * Why a conversation with a relay came to nothing, as a sentence that says what to do about it. Pure: what libcurl, the
 * relay and the clock said in, an error out. Always returns false, so that a failing function can end with it.
 */
#ifndef NOTIFY_MAIL_FALLOUT_H
#define NOTIFY_MAIL_FALLOUT_H

#include "base/error.h"
#include "notify/mail/conversation.h"
#include "notify/mail/settings.h"

#include <stdbool.h>

struct fallout {
    int result;          /* of libcurl: a CURLcode */
    bool late;           /* we ended it, as the time of the present step was over */
    long verdict;        /* of OpenSSL about the relay's certificate: X509_V_... */
    enum mail_step step; /* which one */
    const struct mail_settings *settings;
    const char *relay;
    const struct conversation *conversation;
    const struct patience *patience;
    const char *detail; /* libcurl's own text */
};

bool fallout_explain(const struct fallout *fallout, struct error *err);

/* What the relay refused by a reply: the recipients, or everything. */
bool fallout_explain_reply(const struct conversation *conversation, bool recipients, const char *relay,
                           struct error *err);

bool fallout_explain_no_auth(const char *relay, struct error *err);

#endif
