#include "notify/mail/fallout.h"

#include <stdio.h>
#include <string.h>

#include <curl/curl.h>

#include "base/letters/oddity.h"
#include "web/verdict.h"
#include "notify/mail/auth_words.h"
#include "notify/mail/remedy.h"

bool fallout_explain_reply(const struct conversation *conversation, bool recipients, const char *relay,
                           struct error *err) {
    int code = recipients ? conversation->refused_code : conversation->code;
    enum error_kind kind = code >= CONVERSATION_FOR_GOOD ? ERROR_CONFIG : ERROR_NETWORK;

    if (recipients)
        return error_set(err, kind, "the relay %s refused %s; %s", relay, conversation->refused,
                         remedy_find(CONVERSATION_RECIPIENTS, code, conversation->refused_reply));
    return error_set(err, kind, "the relay %s refused: %d %s; %s", relay, code, conversation->reply,
                     remedy_find(conversation->stage, code, conversation->reply));
}

bool fallout_explain_no_auth(const char *relay, struct error *err) {
    return error_set(err, ERROR_CREDENTIALS,
                     "the relay %s offers no AUTH PLAIN or LOGIN, but username is set in [mail]; remove it, or use the "
                     "port for submission (587)",
                     relay);
}

static bool explain_login(const struct fallout *fallout, struct error *err) {
    const struct conversation *conversation = fallout->conversation;
    const struct mail_settings *settings = fallout->settings;
    const char *name = settings->username ? settings->username : "nobody";
    char words[CONVERSATION_REPLY_SIZE];
    char odd[ODDITY_SIZE];
    bool for_good = conversation->code >= CONVERSATION_FOR_GOOD;

    if (!conversation->auth_tried)
        return fallout_explain_no_auth(fallout->relay, err);
    (void)auth_words(conversation->reply, name, &settings->password, words, sizeof(words));
    return error_set(err, for_good ? ERROR_CREDENTIALS : ERROR_NETWORK,
                     "the relay %s refused the login of %s (%d%s%s): %s%s", fallout->relay, name, conversation->code,
                     words[0] ? " " : "", words,
                     remedy_find(CONVERSATION_AUTH, conversation->code, conversation->reply),
                     for_good ? oddity_note(settings->password.value, settings->password.length, odd) : "");
}

static bool explain_late(const struct fallout *fallout, struct error *err) {
    enum mail_step step = fallout->step;
    int64_t seconds = fallout->patience->step[step] / 1000;

    if (conversation_is_unclear(fallout->conversation))
        return error_set(
            err, ERROR_NETWORK,
            "the relay %s got the whole letter and did not answer in time: it is not known whether it took "
            "it; its log knows",
            fallout->relay);
    return error_set(err, ERROR_NETWORK, "the relay %s did not answer in time: within %lld seconds it did not %s",
                     fallout->relay, (long long)seconds, patience_awaited(step));
}

/* TLS without an agreement, or with somebody who is not who he should be. */
static bool explain_tls(const struct fallout *fallout, struct error *err) {
    const char *relay = fallout->relay;
    struct text remedy = {0};

    switch (fallout->result) {
    case CURLE_USE_SSL_FAILED:
        return error_set(err, ERROR_NETWORK, "the relay %s offers no TLS, which %s; repair the relay, or use smtps://",
                         relay,
                         fallout->settings->tls == MAIL_TLS_REQUIRED ? "tls = required asks for"
                                                                     : "a user name needs, whatever tls says");
    case CURLE_PEER_FAILED_VERIFICATION:
        if (verdict_add_weakness(fallout->verdict, fallout->detail, &remedy) && !remedy.failed)
            error_set(err, ERROR_NETWORK, "the relay %s: its TLS certificate is refused: %s", relay, remedy.value);
        else
            error_set(err, ERROR_NETWORK,
                      "the relay %s: its TLS certificate is not trusted (%s); set ca_file in "
                      "[mail] to its CA, or use the name that the certificate bears",
                      relay, fallout->detail);
        break;
    case CURLE_SSL_CACERT_BADFILE:
        return error_set(err, ERROR_CONFIG,
                         "the relay %s was not asked: ca_file in [mail] could not be read as certificates (%s)", relay,
                         fallout->detail);
    default:
        if (verdict_add_weakness(fallout->verdict, fallout->detail, &remedy) && !remedy.failed)
            error_set(err, ERROR_NETWORK, "the relay %s: TLS failed: %s", relay, remedy.value);
        else
            error_set(err, ERROR_NETWORK, "the relay %s: TLS failed (%s); check the port and the relay's TLS", relay,
                      fallout->detail);
    }
    text_free(&remedy);
    return false;
}

static bool explain_rest(const struct fallout *fallout, struct error *err) {
    const struct conversation *conversation = fallout->conversation;
    const char *relay = fallout->relay;

    if (conversation->replies >= CONVERSATION_REPLIES_MOST)
        return error_set(err, ERROR_NETWORK, "the relay %s sent more than %d bytes of replies; is it a mail relay?",
                         relay, CONVERSATION_REPLIES_MOST);
    if (conversation_is_unclear(conversation))
        return error_set(err, ERROR_NETWORK,
                         "the relay %s got the whole letter, and the conversation broke off (%s): it is not known "
                         "whether it took it; its log knows",
                         relay, fallout->detail);
    if (conversation->code != 0)
        return fallout_explain_reply(conversation,
                                     conversation->stage == CONVERSATION_RECIPIENTS && conversation->refused_code != 0,
                                     relay, err);
    return error_set(err, ERROR_NETWORK, "the relay %s: the conversation broke off (%s)", relay, fallout->detail);
}

bool fallout_explain(const struct fallout *fallout, struct error *err) {
    if (fallout->late)
        return explain_late(fallout, err);
    switch (fallout->result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return error_set(err, ERROR_NETWORK, "the relay %s: its name is not known to DNS (%s); check relay in [mail]",
                         fallout->relay, fallout->detail);
    case CURLE_COULDNT_CONNECT:
        return error_set(err, ERROR_NETWORK,
                         "the relay %s: no connection (%s); check that it runs and that no "
                         "firewall is between",
                         fallout->relay, fallout->detail);
    case CURLE_USE_SSL_FAILED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        return explain_tls(fallout, err);
    case CURLE_LOGIN_DENIED:
        return explain_login(fallout, err);
    case CURLE_OUT_OF_MEMORY:
        return error_memory(err);
    default:
        return explain_rest(fallout, err);
    }
}
