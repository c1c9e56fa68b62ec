#include "notify/mail/smtp.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "core/anchors.h"
#include "notify/mail/conversation.h"
#include "web/libcurl.h"

/* What the callbacks of libcurl share. */
struct post {
    const struct smtp_letter *letter; /* NULL when probing */
    size_t sent;                      /* bytes of the letter that libcurl fetched */
    struct conversation conversation;
};

/* libcurl shows the commands only here. */
static int on_debug(CURL *curl, curl_infotype type, char *data, size_t size, void *context) {
    struct post *post = context;

    (void)curl;
    if (type == CURLINFO_HEADER_OUT)
        conversation_said(&post->conversation, data, size);
    return 0;
}

/* One line that the relay answered. Returning less than was given ends the conversation. */
static size_t on_reply(char *data, size_t one, size_t size, void *context) {
    struct post *post = context;

    return conversation_answered(&post->conversation, data, one * size) ? one * size : 0;
}

static size_t on_read(char *out, size_t one, size_t size, void *context) {
    struct post *post = context;
    size_t left = post->letter->length - post->sent;

    size *= one;
    if (size > left)
        size = left;
    memcpy(out, post->letter->text + post->sent, size);
    post->sent += size;
    return size;
}

static size_t on_write(char *data, size_t one, size_t size, void *context) {
    (void)data;
    (void)context;
    return one * size;
}

static bool needs_tls(const struct mail_settings *settings) {
    return settings->username || settings->tls == MAIL_TLS_REQUIRED;
}

/* The URL for libcurl: the relay with this machine's name as path, which libcurl sends in EHLO. Nothing else that a URL
 * may hold is let through. */
static bool make_url(const char *relay, const char *host, char **ret_url, struct error *err) {
    CURLU *parts = curl_url();
    char *scheme = NULL;
    char *path = NULL;
    char *other = NULL;
    bool ok = false;

    if (!parts)
        return error_memory(err);
    if (curl_url_set(parts, CURLUPART_URL, relay, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0) ||
        curl_url_get(parts, CURLUPART_PATH, &path, 0) != CURLUE_OK || strcmp(path, "/") != 0 ||
        curl_url_get(parts, CURLUPART_USER, &other, 0) == CURLUE_OK ||
        curl_url_get(parts, CURLUPART_QUERY, &other, 0) == CURLUE_OK ||
        curl_url_get(parts, CURLUPART_FRAGMENT, &other, 0) == CURLUE_OK) {
        error_set(err, ERROR_CONFIG,
                  "the relay is not of the form smtp://HOST[:PORT] or smtps://HOST[:PORT]; mend "
                  "relay in [mail]");
        goto out;
    }
    if (text_is_host_name(host) && curl_url_set(parts, CURLUPART_PATH, host, 0) != CURLUE_OK) {
        error_memory(err);
        goto out;
    }
    if (curl_url_get(parts, CURLUPART_URL, ret_url, 0) != CURLUE_OK) {
        error_memory(err);
        goto out;
    }
    ok = true;
out:
    curl_free(scheme);
    curl_free(path);
    curl_free(other);
    curl_url_cleanup(parts);
    return ok;
}

static struct curl_slist *make_recipients(const struct smtp_letter *letter, size_t *ret_count) {
    struct curl_slist *list = NULL;
    size_t count = 0;

    for (size_t i = 0; (i = conversation_recipient(letter->to, letter->taken, i)) < letter->to->count; i++) {
        struct curl_slist *longer = curl_slist_append(list, letter->to->items[i]);

        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
        count++;
    }
    *ret_count = count;
    return list;
}

/* Sets one option and remembers the first that failed. */
#define SET(option, value)                                                                                             \
    do {                                                                                                               \
        if (result == CURLE_OK)                                                                                        \
            result = curl_easy_setopt(curl, option, value);                                                            \
    } while (0)

static CURLcode set_connection(CURL *curl, const struct mail_settings *settings, const struct bytes *anchors,
                               const char *url, size_t recipients) {
    const long timeout = settings->timeout > 0 ? settings->timeout : 10;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_CONNECTTIMEOUT, timeout);
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout);
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, timeout);
    /* An answer just before each limit must not go on without end: about one limit for each thing to say. */
    SET(CURLOPT_TIMEOUT, timeout * (8 + (long)recipients));
    SET(CURLOPT_USE_SSL, needs_tls(settings)                       ? (long)CURLUSESSL_ALL
                         : settings->tls == MAIL_TLS_OPPORTUNISTIC ? (long)CURLUSESSL_TRY
                                                                   : (long)CURLUSESSL_NONE);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (settings->ca_file) {
        if (anchors->data)
            SET(CURLOPT_CAINFO_BLOB,
                (&(struct curl_blob){.data = anchors->data, .len = anchors->length, .flags = CURL_BLOB_COPY}));
        else
            SET(CURLOPT_CAINFO, "/dev/null");
        /* The named file alone is trusted, not the system's folder beside it. */
        SET(CURLOPT_CAPATH, NULL);
    }
    if (settings->username) {
        SET(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
        SET(CURLOPT_USERNAME, settings->username);
        SET(CURLOPT_PASSWORD, settings->password.value ? settings->password.value : "");
    }
    return result;
}

static CURLcode set_post(CURL *curl, struct post *post, char *curl_text, const struct curl_slist *recipients) {
    CURLcode result = CURLE_OK;

    SET(CURLOPT_ERRORBUFFER, curl_text);
    SET(CURLOPT_VERBOSE, 1L); /* into on_debug, nowhere else */
    SET(CURLOPT_DEBUGFUNCTION, on_debug);
    SET(CURLOPT_DEBUGDATA, post);
    SET(CURLOPT_HEADERFUNCTION, on_reply);
    SET(CURLOPT_HEADERDATA, post);
    SET(CURLOPT_WRITEFUNCTION, on_write);
    if (!post->letter) {
        SET(CURLOPT_NOBODY, 1L);
        SET(CURLOPT_CUSTOMREQUEST, "NOOP");
        return result;
    }
    SET(CURLOPT_MAIL_FROM, post->letter->from);
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, post);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)post->letter->length);
    return result;
}

/* What the relay refused by a reply: the recipients, or everything. */
static bool explain_reply(const struct conversation *conversation, bool recipients, const char *relay,
                          struct error *err) {
    int code = recipients ? conversation->refused_code : conversation->code;
    bool for_good = code >= CONVERSATION_FOR_GOOD;
    enum error_kind kind = for_good ? ERROR_CONFIG : ERROR_NETWORK;
    const char *advice = for_good ? "check the addresses in [mail] and that the relay accepts mail from this host"
                                  : "it may take it later; the relay's log says why";

    if (recipients)
        return error_set(err, kind, "the relay %s refused %s; %s", relay, conversation->refused, advice);
    return error_set(err, kind, "the relay %s refused: %d %s; %s", relay, code, conversation->reply, advice);
}

static bool explain_no_auth(const char *relay, struct error *err) {
    return error_set(err, ERROR_CREDENTIALS,
                     "the relay %s offers no AUTH PLAIN or LOGIN, but username is set in [mail]; remove it, or use the "
                     "port for submission (587)",
                     relay);
}

/* Why libcurl gave up, as something to do. `detail` is libcurl's own text. */
static bool explain(CURLcode result, const struct mail_settings *settings, const struct conversation *conversation,
                    const char *relay, const char *detail, struct error *err) {
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return error_set(err, ERROR_NETWORK, "the relay %s: its name is not known to DNS (%s); check relay in [mail]",
                         relay, detail);
    case CURLE_COULDNT_CONNECT:
        return error_set(err, ERROR_NETWORK,
                         "the relay %s: no connection (%s); check that it runs and that no "
                         "firewall is between",
                         relay, detail);
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERROR_NETWORK, "the relay %s did not answer in time (%s)", relay, detail);
    case CURLE_USE_SSL_FAILED:
        return error_set(
            err, ERROR_NETWORK, "the relay %s offers no TLS, which %s; mend the relay, or use smtps://", relay,
            settings->tls == MAIL_TLS_REQUIRED ? "tls = required asks for" : "a user name needs, whatever tls says");
    case CURLE_PEER_FAILED_VERIFICATION:
        return error_set(err, ERROR_NETWORK,
                         "the relay %s: its TLS certificate is not trusted (%s); set ca_file in "
                         "[mail] to its CA, or use the name that the certificate bears",
                         relay, detail);
    case CURLE_SSL_CACERT_BADFILE:
        return error_set(err, ERROR_CONFIG,
                         "the relay %s was not asked: ca_file in [mail] could not be read as certificates (%s)", relay,
                         detail);
    case CURLE_SSL_CONNECT_ERROR:
        return error_set(err, ERROR_NETWORK, "the relay %s: TLS failed (%s); check the port and the relay's TLS", relay,
                         detail);
    case CURLE_LOGIN_DENIED:
        if (!conversation->auth_tried)
            return explain_no_auth(relay, err);
        if (conversation->code >= CONVERSATION_FOR_NOW && conversation->code < CONVERSATION_FOR_GOOD)
            return error_set(err, ERROR_NETWORK,
                             "the relay %s could not check the login of %s for now (%d); a later run tries again, and "
                             "the relay's log says why",
                             relay, settings->username ? settings->username : "nobody", conversation->code);
        return error_set(err, ERROR_CREDENTIALS,
                         "the relay %s refused the login of %s (%d); check username and the "
                         "password in [mail]",
                         relay, settings->username ? settings->username : "nobody", conversation->code);
    case CURLE_OUT_OF_MEMORY:
        return error_memory(err);
    default:
        break;
    }
    if (conversation->replies >= CONVERSATION_REPLIES_MOST)
        return error_set(err, ERROR_NETWORK, "the relay %s sent more than %d bytes of replies; is it a mail relay?",
                         relay, CONVERSATION_REPLIES_MOST);
    if (conversation->code != 0)
        return explain_reply(conversation,
                             conversation->stage == CONVERSATION_RECIPIENTS && conversation->refused_code != 0, relay,
                             err);
    return error_set(err, ERROR_NETWORK, "the relay %s: the conversation broke off (%s)", relay, detail);
}

static bool converse(const struct mail_settings *settings, const char *relay, const char *host, struct post *post,
                     struct error *err) {
    char curl_text[CURL_ERROR_SIZE] = "";
    struct curl_slist *recipients = NULL;
    struct bytes anchors = {0};
    struct error damage = {0};
    size_t count = 0;
    CURL *curl = NULL;
    char *url = NULL;
    CURLcode result;
    /* What is wrong with the file is told when TLS begins: where none is needed, a relay without it takes the mail. */
    bool damaged = settings->ca_file && !anchors_read_pem(settings->ca_file, &anchors, &damage);
    bool ok = false;

    if (!libcurl_begin(err) || !make_url(relay, host, &url, err))
        goto out;
    if (post->letter) {
        recipients = make_recipients(post->letter, &count);
        if (!recipients) {
            error_memory(err);
            goto out;
        }
    }
    curl = curl_easy_init();
    if (!curl) {
        error_memory(err);
        goto out;
    }
    result = set_connection(curl, settings, &anchors, url, count);
    if (result == CURLE_OK)
        result = set_post(curl, post, curl_text, recipients);
    if (result != CURLE_OK) {
        error_set(err, ERROR_BUG, "cannot prepare the conversation with the relay %s: %s", relay,
                  curl_easy_strerror(result));
        goto out;
    }
    result = curl_easy_perform(curl);
    if (result != CURLE_OK) {
        explain(result, settings, &post->conversation, relay,
                result == CURLE_SSL_CACERT_BADFILE && damaged ? damage.text
                : curl_text[0]                                ? curl_text
                                                              : curl_easy_strerror(result),
                err);
        goto out;
    }
    ok = true;
out:
    curl_easy_cleanup(curl);
    curl_slist_free_all(recipients);
    curl_free(url);
    bytes_free(&anchors);
    return ok;
}

bool smtp_send(const struct mail_settings *settings, const char *relay, const char *host,
               const struct smtp_letter *letter, bool *ret_reached, struct error *err) {
    struct post post = {.letter = letter, .conversation = {.to = letter->to, .skip = letter->taken}};
    bool *accepted = NULL;
    bool ok = false;

    *ret_reached = true;
    if (conversation_recipient(letter->to, letter->taken, 0) == letter->to->count)
        return true;
    accepted = calloc(letter->to->count, sizeof *accepted);
    if (!accepted)
        return error_memory(err);
    post.conversation.accepted = accepted;
    if (!converse(settings, relay, host, &post, err)) {
        /* A refusal of this letter says nothing about the next one; whatever fails before that does. */
        *ret_reached =
            post.conversation.stage == CONVERSATION_RECIPIENTS || post.conversation.stage == CONVERSATION_LETTER;
        goto out;
    }
    for (size_t i = 0; i < letter->to->count; i++)
        if (accepted[i])
            letter->taken[i] = true;
    ok = conversation_recipient(letter->to, letter->taken, 0) == letter->to->count;
    if (!ok)
        explain_reply(&post.conversation, true, relay, err);
out:
    free(accepted);
    return ok;
}

bool smtp_probe(const struct mail_settings *settings, const char *relay, const char *host, struct error *err) {
    struct post post = {0};

    if (!converse(settings, relay, host, &post, err))
        return false;
    if (settings->username && !post.conversation.auth_tried)
        return explain_no_auth(relay, err);
    return true;
}
