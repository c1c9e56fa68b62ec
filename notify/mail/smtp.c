#include "notify/mail/smtp.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "core/anchors.h"
#include "notify/mail/conversation.h"
#include "notify/mail/fallout.h"
#include "web/libcurl.h"

#define LIBCURL_NEVER (24L * 3600) /* seconds */

/* What the callbacks of libcurl share. */
struct post {
    const struct smtp_letter *letter; /* NULL when probing */
    const struct patience *patience;
    CURL *curl;
    size_t sent;   /* bytes of the letter that libcurl fetched */
    int64_t begun; /* of the whole, and of the present step, by base/clock.h */
    int64_t step_begun;
    bool late;
    enum mail_step late_step; /* the step whose time was over */
    bool tls_failed;
    struct conversation conversation;
};

static bool is_connected(const struct post *post) {
    curl_off_t connected = 0;

    return curl_easy_getinfo(post->curl, CURLINFO_CONNECT_TIME_T, &connected) == CURLE_OK && connected > 0;
}

/* libcurl calls it at least once a second, whatever it waits for. */
static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now) {
    struct post *post = context;
    const int64_t clock = clock_milliseconds();
    const enum mail_step step = post->conversation.step;

    (void)total;
    (void)now;
    (void)up_total;
    (void)up_now;
    if (step == STEP_CONNECT && is_connected(post)) {
        post->conversation.step = STEP_GREETING;
        post->step_begun = clock;
    } else if (!post->late && (clock - post->step_begun > post->patience->step[step] ||
                               (post->letter && clock - post->begun > post->letter->most))) {
        /* Ending it, libcurl says good-bye, for which there is no time either. */
        post->late = true;
        post->late_step = step;
    }
    return post->late ? 1 : 0;
}

/* libcurl shows the commands only here. */
static int on_debug(CURL *curl, curl_infotype type, char *data, size_t size, void *context) {
    struct post *post = context;

    (void)curl;
    if (type == CURLINFO_HEADER_OUT) {
        conversation_said(&post->conversation, data, size);
        post->step_begun = clock_milliseconds();
    }
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
    post->step_begun = clock_milliseconds();
    if (post->sent == post->letter->length)
        conversation_hand_over(&post->conversation);
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

/* Encrypted, but not to somebody known: better than clear text, and no place for a password. smtps:// asks for more. */
static bool any_peer_will_do(const struct mail_settings *settings, const char *relay) {
    return !needs_tls(settings) && settings->tls == MAIL_TLS_OPPORTUNISTIC && strncasecmp(relay, "smtps:", 6) != 0;
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
                  "the relay is not of the form smtp://HOST[:PORT] or smtps://HOST[:PORT]; correct "
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

static struct curl_slist *make_recipients(const struct conversation *conversation) {
    const struct strings *to = conversation->to;
    struct curl_slist *list = NULL;

    for (size_t i = 0; (i = conversation_recipient(to, conversation->skip, i)) < to->count; i++) {
        struct curl_slist *longer = curl_slist_append(list, to->items[i]);

        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

/* Sets one option and remembers the first that failed. */
#define SET(option, value)                                                                                             \
    do {                                                                                                               \
        if (result == CURLE_OK)                                                                                        \
            result = curl_easy_setopt(curl, option, value);                                                            \
    } while (0)

/* Time is limited by on_progress alone: libcurl knows one limit for all steps. */
static CURLcode set_connection(CURL *curl, const struct mail_settings *settings, const struct bytes *anchors,
                               const char *url, bool in_clear) {
    const bool any_peer = any_peer_will_do(settings, url);
    CURLcode result = CURLE_OK;

    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_CONNECTTIMEOUT, LIBCURL_NEVER);
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, LIBCURL_NEVER);
    /* Closed while on_progress still watches over the good-bye. */
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_USE_SSL, needs_tls(settings)                                    ? (long)CURLUSESSL_ALL
                         : settings->tls == MAIL_TLS_OPPORTUNISTIC && !in_clear ? (long)CURLUSESSL_TRY
                                                                                : (long)CURLUSESSL_NONE);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, any_peer ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, any_peer ? 0L : 2L);
    if (settings->ca_file && !any_peer) {
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
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, post);
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

static bool converse(const struct mail_settings *settings, const char *relay, const char *host, bool in_clear,
                     struct post *post, struct error *err) {
    char curl_text[CURL_ERROR_SIZE] = "";
    struct curl_slist *recipients = NULL;
    struct bytes anchors = {0};
    struct error damage = {0};
    CURL *curl = NULL;
    char *url = NULL;
    CURLcode result;
    /* What is wrong with the file is told when TLS begins: where none is needed, a relay without it takes the mail. */
    bool damaged = settings->ca_file && !anchors_read_pem(settings->ca_file, &anchors, &damage);
    bool ok = false;

    if (!libcurl_begin(err) || !make_url(relay, host, &url, err))
        goto out;
    if (post->letter) {
        recipients = make_recipients(&post->conversation);
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
    result = set_connection(curl, settings, &anchors, url, in_clear);
    if (result == CURLE_OK)
        result = set_post(curl, post, curl_text, recipients);
    if (result != CURLE_OK) {
        error_set(err, ERROR_BUG, "cannot prepare the conversation with the relay %s: %s", relay,
                  curl_easy_strerror(result));
        goto out;
    }
    post->curl = curl;
    post->begun = post->step_begun = clock_milliseconds();
    result = curl_easy_perform(curl);
    ok = result == CURLE_OK || (post->conversation.letter_code >= 200 && post->conversation.letter_code < 300);
    if (!ok) {
        struct fallout fallout = {.result = (int)result,
                                  .late = post->late,
                                  .step = post->late_step,
                                  .settings = settings,
                                  .relay = relay,
                                  .conversation = &post->conversation,
                                  .patience = post->patience,
                                  .detail = result == CURLE_SSL_CACERT_BADFILE && damaged ? damage.text
                                            : curl_text[0]                                ? curl_text
                                                                                          : curl_easy_strerror(result)};

        (void)curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &fallout.verdict);
        (void)fallout_explain(&fallout, err);
        post->tls_failed = result == CURLE_SSL_CONNECT_ERROR;
    }
out:
    curl_easy_cleanup(curl);
    curl_slist_free_all(recipients);
    curl_free(url);
    bytes_free(&anchors);
    return ok;
}

/* Where TLS need not be, a relay that offers it and cannot do it gets the letter without (RFC 7435 3). */
static bool converse_somehow(const struct mail_settings *settings, const char *relay, const char *host,
                             struct post *post, struct error *err) {
    const struct post fresh = *post;
    struct error why = {0};

    if (converse(settings, relay, host, false, post, &why))
        return true;
    if (!post->tls_failed || !any_peer_will_do(settings, relay))
        return error_set(err, why.kind, "%s", why.text);
    *post = fresh;
    return converse(settings, relay, host, true, post, err);
}

/* What became of those whom the relay took at RCPT. */
static void note_outcome(const struct smtp_letter *letter, const bool *accepted, enum smtp_outcome outcome) {
    for (size_t i = 0; i < letter->to->count; i++)
        if (accepted[i])
            letter->outcome[i] = outcome;
}

bool smtp_send(const struct mail_settings *settings, const char *relay, const char *host,
               const struct smtp_letter *letter, bool *ret_reached, struct error *err) {
    struct post post = {.letter = letter,
                        .patience = settings->patience ? settings->patience : &patience_standard,
                        .conversation = {.to = letter->to}};
    struct conversation *conversation = &post.conversation;
    bool *flags = calloc(2 * letter->to->count + 1, sizeof *flags);
    bool ok = false;

    *ret_reached = true;
    if (!flags)
        return error_memory(err);
    for (size_t i = 0; i < letter->to->count; i++)
        flags[i] = letter->outcome[i] != SMTP_WAITS;
    conversation->skip = flags;
    conversation->accepted = flags + letter->to->count;
    if (conversation_recipient(letter->to, flags, 0) == letter->to->count) {
        ok = true;
        goto out;
    }
    if (!converse_somehow(settings, relay, host, &post, err)) {
        /* A refusal of this letter says nothing about the next one; whatever fails before that does, and silence. */
        *ret_reached = !post.late &&
                       (conversation->stage == CONVERSATION_RECIPIENTS || conversation->stage == CONVERSATION_LETTER);
        if (conversation_is_unclear(conversation))
            note_outcome(letter, conversation->accepted, SMTP_UNCLEAR);
        goto out;
    }
    note_outcome(letter, conversation->accepted, SMTP_TAKEN);
    for (size_t i = 0; i < letter->to->count && !ok; i++)
        ok = letter->outcome[i] == SMTP_WAITS;
    ok = !ok || fallout_explain_reply(conversation, true, relay, err);
out:
    free(flags);
    return ok;
}

bool smtp_probe(const struct mail_settings *settings, const char *relay, const char *host, struct error *err) {
    struct post post = {.patience = settings->patience ? settings->patience : &patience_standard};

    if (!converse_somehow(settings, relay, host, &post, err))
        return false;
    if (settings->username && !post.conversation.auth_tried)
        return fallout_explain_no_auth(relay, err);
    return true;
}
