#include "web/https.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/letters/oddity.h"
#include "base/text.h"
#include "web/http.h"
#include "web/libcurl.h"

#define ANSWER_MOST 65536 /* bytes of a body that are waited for */
#define PART_LEAST 6      /* characters of a part of the address that give something away */

/* Only this host's own loopback may be reached in clear. Behind an "@" another host may follow a name of it. */
static bool is_loopback(const char *host) {
    size_t length = strcspn(host, ":/?#");

    if (memchr(host, '@', strcspn(host, "/?#")) != NULL)
        return false;
    if (strncmp(host, "[::1]", 5) == 0)
        return true;
    if (length == strlen("localhost") && strncasecmp(host, "localhost", length) == 0)
        return true;
    return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == length;
}

bool https_address_valid(const struct secret *address, struct error *err) {
    const char *value = address->value;
    char odd[ODDITY_SIZE];
    const char *host;

    if (value == NULL || address->length == 0 || strlen(value) != address->length)
        return error_set(err, ERROR_CONFIG, "it holds no address; put one line with the https:// address into it");
    if (address->length > HTTPS_ADDRESS_MOST)
        return error_set(err, ERROR_CONFIG, "its address is longer than %d characters", HTTPS_ADDRESS_MOST);
    if (oddity_find(value, address->length, odd))
        return error_set(err, ERROR_CONFIG, "its file %s; put exactly one line with the https:// address into it", odd);
    for (size_t i = 0; i < address->length; i++)
        if (value[i] <= ' ' || value[i] > '~')
            return error_set(err, ERROR_CONFIG,
                             "its address has a space or another character that none may have; put exactly one line "
                             "with the https:// address into it");
    host = strstr(value, "://");
    if (host == NULL || host[3] == '\0' || strchr("/?#:", host[3]) != NULL)
        return error_set(err, ERROR_CONFIG, "it holds no https:// address");
    host += 3;
    if (strncasecmp(value, "https://", 8) == 0 || (strncasecmp(value, "http://", 7) == 0 && is_loopback(host)))
        return true;
    return error_set(err, ERROR_CONFIG,
                     "its address does not begin with https://: what is secret is not sent in clear (http:// is for "
                     "this host's loopback alone)");
}

/* Does the text repeat a part of the address: its host's name, a part of its path, a value of its query? */
static bool gives_away(const char *text, const char *address) {
    const char *part = strstr(address, "://");
    char copy[HTTPS_ADDRESS_MOST + 1];

    for (part = part != NULL ? part + 3 : address; *part != '\0';) {
        size_t length = strcspn(part, "/?&=;:@#%+.,");

        if (length >= PART_LEAST && length < sizeof copy) {
            memcpy(copy, part, length);
            copy[length] = '\0';
            if (strcasestr(text, copy) != NULL)
                return true;
        }
        part += length;
        part += *part != '\0';
    }
    return false;
}

/* May libcurl's words be shown: do they name the host? */
static bool may_show(const void *context, const char *words) {
    const char *address = context;
    const char *host = strstr(address, "://");
    char name[256];
    size_t length;

    if (host == NULL || gives_away(words, address))
        return false;
    host += 3;
    length = strcspn(host, "/?#");
    if (memchr(host, '@', length) != NULL)
        host = (const char *)memchr(host, '@', length) + 1;
    length = strcspn(host, host[0] == '[' ? "]/?#" : ":/?#");
    if (length == 0 || length >= sizeof name)
        return false;
    memcpy(name, host, length);
    name[length] = '\0';
    return strcasestr(words, name) == NULL;
}

/* The address as it is called: with the suffix behind its path. */
static bool make_url(const struct https_request *request, char **ret_url, struct error *err) {
    CURLU *parts = curl_url();
    struct text longer = {0};
    char *path = NULL;
    bool ok = false;

    if (!parts)
        return error_memory(err);
    if (curl_url_set(parts, CURLUPART_URL, request->address->value, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
        error_set(err, ERROR_CONFIG, "its address cannot be taken apart; check it");
        goto out;
    }
    if (request->suffix != NULL) {
        size_t length = strlen(path);

        while (length > 0 && path[length - 1] == '/')
            length--;
        text_add_bytes(&longer, path, length);
        text_add(&longer, request->suffix);
        if (longer.failed || curl_url_set(parts, CURLUPART_PATH, longer.value, 0) != CURLUE_OK) {
            error_memory(err);
            goto out;
        }
    }
    ok = curl_url_get(parts, CURLUPART_URL, ret_url, 0) == CURLUE_OK || error_memory(err);
out:
    text_free(&longer);
    curl_free(path);
    curl_url_cleanup(parts);
    return ok;
}

/* Of all that the other side can say only these words are shown, as they stand here: it knows the address, and there is
 * no end to the forms in which it could repeat it. From the manuals of Slack and of Azure Logic Apps, behind Teams. */
static const char *known_word(const char *body) {
    static const char *const words[] = {"invalid_payload",
                                        "invalid_token",
                                        "no_service",
                                        "no_team",
                                        "no_text",
                                        "no_active_hooks",
                                        "user_not_found",
                                        "channel_not_found",
                                        "channel_is_archived",
                                        "action_prohibited",
                                        "posting_to_general_channel_denied",
                                        "too_many_attachments",
                                        "rollup_error",
                                        "WorkflowTriggerIsNotEnabled",
                                        "WorkflowNotFound",
                                        "DirectApiAuthorizationRequired",
                                        "DirectApiInvalidAuthorizationScheme",
                                        "AuthorizationFailed",
                                        "TriggerInputSchemaMismatch",
                                        "InvalidRequestContent",
                                        "ThrottlingExceeded"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(body, words[i]) != NULL)
            return words[i];
    return "";
}

static bool send_to(struct http *http, const char *url, const struct https_request *request,
                    struct https_answer *ret_answer, struct error *err) {
    struct http_request what = {.url = url, .body = request->body, .length = request->length};
    struct https_answer answer = {0};
    struct http_answer got = {0};
    struct strings headers = {0};
    bool ok;

    if (request->body != NULL)
        strings_add(&headers, "Content-Type: %s", request->type);
    what.headers = &headers;
    ok = headers.failed ? error_memory(err) : http_send(http, &what, &got, err);
    strings_free(&headers);
    if (!ok)
        return false;
    answer.status = got.status;
    answer.retry_after = got.retry_after;
    answer.said = known_word(got.body.value != NULL ? got.body.value : "");
    http_answer_free(&got);
    *ret_answer = answer;
    return true;
}

/* `ret_answer`: NULL only to connect. */
static bool call(const struct https_request *request, struct https_answer *ret_answer, bool *ret_unclear,
                 struct error *err) {
    const char *address = request->address->value;
    struct http_settings settings = {.proxy = request->proxy,
                                     .timeout = request->timeout > 0 ? request->timeout : HTTPS_TIMEOUT,
                                     .body_most = ANSWER_MOST,
                                     .may_show = may_show,
                                     .context = address};
    struct http *http = NULL;
    char *url = NULL;
    bool ok = false;

    *ret_unclear = false;
    if (!https_address_valid(request->address, err) || !libcurl_begin(err) || !make_url(request, &url, err))
        return false;
    /* In clear the proxy would read the address. */
    if (strncasecmp(url, "http://", 7) == 0)
        settings.proxy = NULL;
    if (http_open(&settings, &http, err))
        ok = ret_answer != NULL ? send_to(http, url, request, ret_answer, err) : http_connect(http, url, err);
    *ret_unclear = !ok && http != NULL && ret_answer != NULL && http_was_sent(http);
    http_close(http);
    curl_free(url);
    return ok;
}

bool https_send(const struct https_request *request, struct https_answer *ret_answer, bool *ret_unclear,
                struct error *err) {
    return call(request, ret_answer, ret_unclear, err);
}

bool https_probe(const struct https_request *request, struct error *err) {
    bool unclear;

    return call(request, NULL, &unclear, err);
}
