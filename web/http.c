#include "web/http.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "web/libcurl.h"

#define HEADERS_MOST 65536 /* bytes that are waited for */
#define RETRY_MOST (7 * 86400)

struct http {
    const struct http_settings *settings;
    CURL *curl; /* keeps the connection */
    char words[CURL_ERROR_SIZE];
};

struct exchange {
    struct http_answer answer;
    size_t most;    /* of the body */
    size_t headers; /* bytes */
};

static size_t on_body(char *data, size_t one, size_t size, void *context) {
    struct exchange *exchange = context;
    struct text *body = &exchange->answer.body;

    size *= one;
    exchange->answer.cut = size > exchange->most - body->length;
    text_add_bytes(body, data, exchange->answer.cut ? exchange->most - body->length : size);
    return exchange->answer.cut || body->failed ? 0 : size;
}

static size_t on_header(char *data, size_t one, size_t size, void *context) {
    struct exchange *exchange = context;

    (void)data;
    size *= one;
    exchange->headers += size;
    return exchange->headers > HEADERS_MOST ? 0 : size;
}

static bool explain(const struct http *http, CURLcode result, struct error *err) {
    const struct http_settings *settings = http->settings;
    const char *proxy = settings->proxy;
    const char *why = http->words;

    if (why[0] == '\0' || (settings->may_show != NULL && !settings->may_show(settings->context, why)))
        why = curl_easy_strerror(result);
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return error_set(err, ERROR_NETWORK, "its host is not known to DNS; check the address%s",
                         proxy != NULL ? "" : ", and whether this host needs the setting proxy to get out");
    case CURLE_COULDNT_RESOLVE_PROXY:
        return error_set(err, ERROR_NETWORK, "the proxy %s is not known to DNS; check proxy", proxy);
    case CURLE_COULDNT_CONNECT:
        return error_set(err, ERROR_NETWORK, "no connection (%s); check that no firewall is between%s", why,
                         proxy != NULL ? " and that the proxy runs" : ", or set proxy");
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERROR_NETWORK, "no answer within %d seconds", http->settings->timeout);
    case CURLE_PEER_FAILED_VERIFICATION:
        return error_set(err, ERROR_NETWORK,
                         "its TLS certificate is not trusted (%s); put its CA into this host's store "
                         "(update-ca-certificates), or use the name that the certificate bears",
                         why);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return error_set(err, ERROR_CONFIG, "its address, or the proxy, cannot be used");
    case CURLE_OUT_OF_MEMORY:
        return error_memory(err);
    default:
        return error_set(err, ERROR_NETWORK, "the exchange broke off (%s)", why);
    }
}

bool http_open(const struct http_settings *settings, struct http **ret_http, struct error *err) {
    struct http *http = calloc(1, sizeof *http);

    if (http == NULL)
        return error_memory(err);
    if (!libcurl_begin(err)) {
        free(http);
        return false;
    }
    http->settings = settings;
    http->curl = curl_easy_init();
    if (http->curl == NULL) {
        http_close(http);
        return error_memory(err);
    }
    *ret_http = http;
    return true;
}

/* Sets one option and remembers the first that failed. */
#define SET(option, value)                                                                                             \
    do {                                                                                                               \
        if (result == CURLE_OK)                                                                                        \
            result = curl_easy_setopt(curl, option, value);                                                            \
    } while (0)

/* Everything that is the same for each exchange. What was set before is gone, the connection is not. */
static CURLcode set_connection(struct http *http, const char *url) {
    const long timeout = http->settings->timeout;
    CURL *curl = http->curl;
    CURLcode result = CURLE_OK;

    curl_easy_reset(curl);
    http->words[0] = '\0';
    SET(CURLOPT_ERRORBUFFER, http->words);
    SET(CURLOPT_URL, url);
    /* The memory of its HTTP/2 library is not wiped. */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, http->settings->proxy != NULL ? http->settings->proxy : "");
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_CONNECTTIMEOUT, timeout);
    SET(CURLOPT_TIMEOUT, timeout);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_USERAGENT, "authcert");
    return result;
}

bool http_connect(struct http *http, const char *url, struct error *err) {
    CURL *curl = http->curl;
    CURLcode result = set_connection(http, url);

    SET(CURLOPT_CONNECT_ONLY, 1L);
    if (result != CURLE_OK)
        return error_set(err, ERROR_BUG, "the connection cannot be prepared: %s", curl_easy_strerror(result));
    result = curl_easy_perform(curl);
    return result == CURLE_OK || explain(http, result, err);
}

static bool make_headers(const struct strings *headers, struct curl_slist **ret_list, struct error *err) {
    for (size_t i = 0; headers != NULL && i < headers->count; i++) {
        struct curl_slist *longer;

        /* libcurl would send the rest as another header. */
        if (strpbrk(headers->items[i], "\r\n") != NULL)
            return error_set(err, ERROR_BUG, "a header of more than one line was to be sent");
        longer = curl_slist_append(*ret_list, headers->items[i]);
        if (longer == NULL)
            return error_memory(err);
        *ret_list = longer;
    }
    return true;
}

static CURLcode set_exchange(struct http *http, const struct http_request *request, struct exchange *exchange,
                             const struct curl_slist *headers) {
    CURL *curl = http->curl;
    CURLcode result = set_connection(http, request->url);

    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, exchange);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, exchange);
    SET(CURLOPT_HTTPHEADER, headers);
    if (request->body == NULL)
        return result;
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, request->body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
    return result;
}

static bool read_answer(CURL *curl, struct http_answer *answer, struct error *err) {
    curl_off_t retry = 0;
    long status = 0;

    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status <= 0)
        return error_set(err, ERROR_NETWORK, "what answers there is no web server");
    if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry) != CURLE_OK || retry < 0)
        retry = 0;
    answer->status = (int)status;
    answer->retry_after = retry > RETRY_MOST ? RETRY_MOST : (int64_t)retry;
    return true;
}

bool http_send(struct http *http, const struct http_request *request, struct http_answer *ret_answer,
               struct error *err) {
    struct exchange exchange = {.most = http->settings->body_most};
    struct curl_slist *headers = NULL;
    CURLcode result;
    bool ok = false;

    if (!make_headers(request->headers, &headers, err))
        goto out;
    result = set_exchange(http, request, &exchange, headers);
    if (result != CURLE_OK) {
        error_set(err, ERROR_BUG, "the request cannot be prepared: %s", curl_easy_strerror(result));
        goto out;
    }
    result = curl_easy_perform(http->curl);
    if (exchange.answer.body.failed)
        error_memory(err);
    else if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && exchange.answer.cut))
        ok = read_answer(http->curl, &exchange.answer, err);
    else
        explain(http, result, err);
out:
    curl_slist_free_all(headers);
    if (ok)
        *ret_answer = exchange.answer;
    else
        text_free(&exchange.answer.body);
    return ok;
}

void http_close(struct http *http) {
    if (http == NULL)
        return;
    curl_easy_cleanup(http->curl);
    free(http);
}
