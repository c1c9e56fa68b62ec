#include "web/http.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <openssl/pem.h>
#include <strings.h>

#include "web/libcurl.h"
#include "web/verdict.h"

#define HEADERS_MOST 65536 /* bytes that are waited for */
#define RETRY_MOST (7 * 86400)

#define CHALLENGES_MOST 8

struct exchange {
    struct http_answer answer;
    struct curl_slist *headers; /* that are sent */
    size_t most;                /* of the body */
    size_t header_bytes;
};

struct http {
    const struct http_settings *settings;
    CURL *curl; /* keeps the connection */
    struct exchange exchange;
    CURLcode result; /* of the last one */
    size_t length;   /* of the body that is sent */
    char words[CURL_ERROR_SIZE];
};

static size_t on_body(char *data, size_t one, size_t size, void *context) {
    struct exchange *exchange = context;
    struct text *body = &exchange->answer.body;

    size *= one;
    exchange->answer.cut = size > exchange->most - body->length;
    text_add_bytes(body, data, exchange->answer.cut ? exchange->most - body->length : size);
    return exchange->answer.cut || body->failed ? 0 : size;
}

/* The value of the header `name` (with its colon) in this line, without blanks around it; NULL for another header. */
static const char *value_of(const char *line, size_t length, const char *name, size_t *ret_length) {
    size_t at = strlen(name);

    if (length < at || strncasecmp(line, name, at) != 0)
        return NULL;
    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    while (length > at && strchr(" \t\r\n", line[length - 1]) != NULL)
        length--;
    *ret_length = length - at;
    return line + at;
}

static size_t on_header(char *line, size_t one, size_t size, void *context) {
    struct exchange *exchange = context;
    struct http_answer *answer = &exchange->answer;
    const char *value;
    size_t length;

    size *= one;
    exchange->header_bytes += size;
    if (exchange->header_bytes > HEADERS_MOST)
        return 0;
    value = value_of(line, size, "Content-Type:", &length);
    if (value != NULL)
        text_printable(answer->type, sizeof answer->type, value, length);
    value = value_of(line, size, "WWW-Authenticate:", &length);
    if (value != NULL && answer->challenges.count < CHALLENGES_MOST)
        strings_add(&answer->challenges, "%.*s", (int)length, value);
    return size;
}

/* TLS that failed because something is too weak. The sentence holds nothing of the other side's. */
static bool explain_weakness(const struct http *http, struct error *err) {
    struct text sentence = {0};
    long verdict = 0;
    bool is_weak;

    (void)curl_easy_getinfo(http->curl, CURLINFO_SSL_VERIFYRESULT, &verdict);
    is_weak = verdict_add_weakness(verdict, http->words, &sentence);
    if (is_weak && sentence.failed)
        error_memory(err);
    else if (is_weak)
        error_set(err, ERROR_NETWORK, "its TLS is refused: %s", sentence.value);
    text_free(&sentence);
    return is_weak;
}

static bool explain(const struct http *http, CURLcode result, struct error *err) {
    const struct http_settings *settings = http->settings;
    const char *proxy = settings->proxy;
    const char *why = http->words;

    if (why[0] == '\0' || (settings->may_show != NULL && !settings->may_show(settings->context, why)))
        why = curl_easy_strerror(result);
    if ((result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CONNECT_ERROR) && explain_weakness(http, err))
        return false;
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
        return error_set(err, ERROR_NETWORK, "its TLS certificate is not trusted (%s); %s", why,
                         settings->anchors != NULL || settings->ca_file != NULL
                             ? "put its CA into ca_file"
                             : "put its CA into this host's store (update-ca-certificates), or "
                               "use the name that the certificate bears");
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
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    if (http->settings->ca_file != NULL) {
        SET(CURLOPT_CAINFO, http->settings->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_USERAGENT, "authcert");
    if (http->settings->anchors != NULL) {
        const struct bytes *anchors = http->settings->anchors;

        SET(CURLOPT_CAINFO_BLOB,
            (&(struct curl_blob){.data = anchors->data, .len = anchors->length, .flags = CURL_BLOB_COPY}));
        SET(CURLOPT_CAPATH, NULL);
    }
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

static CURLcode set_exchange(struct http *http, const struct http_request *request) {
    CURL *curl = http->curl;
    CURLcode result = set_connection(http, request->url);

    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, &http->exchange);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, &http->exchange);
    SET(CURLOPT_HTTPHEADER, http->exchange.headers);
    SET(CURLOPT_CERTINFO, 1L);
    SET(CURLOPT_FRESH_CONNECT, request->alone ? 1L : 0L);
    if (request->bearer != NULL) {
        SET(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        SET(CURLOPT_XOAUTH2_BEARER, request->bearer->value);
    }
    if (request->patience > 0) {
        SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->patience);
        SET(CURLOPT_TIMEOUT_MS, (long)request->patience);
    }
    if (request->body == NULL)
        return result;
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, request->body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
    return result;
}

/* The server's own certificate, which libcurl has as PEM. */
static void take_certificate(CURL *curl, struct bytes *certificate) {
    static const char name[] = "Cert:";
    struct curl_certinfo *info = NULL;

    if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL || info->num_of_certs < 1)
        return;
    for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next) {
        BIO *text;
        X509 *parsed;
        int length;

        if (strncmp(line->data, name, strlen(name)) != 0)
            continue;
        text = BIO_new_mem_buf(line->data + strlen(name), -1);
        parsed = text != NULL ? PEM_read_bio_X509(text, NULL, NULL, NULL) : NULL;
        length = parsed != NULL ? i2d_X509(parsed, &certificate->data) : 0;
        certificate->length = length > 0 ? (size_t)length : 0;
        X509_free(parsed);
        BIO_free(text);
        return;
    }
}

static bool read_answer(CURL *curl, struct http_answer *answer, struct error *err) {
    curl_off_t retry = 0;
    long number = 0;

    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &number) != CURLE_OK || number <= 0)
        return error_set(err, ERROR_NETWORK, "what answers there is no web server");
    if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry) != CURLE_OK || retry < 0)
        retry = 0;
    answer->status = (int)number;
    answer->retry_after = retry > RETRY_MOST ? RETRY_MOST : (int64_t)retry;
    answer->fresh = curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &number) != CURLE_OK || number > 0;
    take_certificate(curl, &answer->certificate);
    return !answer->challenges.failed || error_memory(err);
}

/* Makes room for the next exchange. */
static void forget(struct http *http) {
    curl_slist_free_all(http->exchange.headers);
    http_answer_free(&http->exchange.answer);
    http->exchange = (struct exchange){.most = http->settings->body_most};
}

bool http_begin(struct http *http, const struct http_request *request, CURL **ret_curl, struct error *err) {
    CURLcode result;

    forget(http);
    if (!make_headers(request->headers, &http->exchange.headers, err))
        return false;
    http->length = request->body != NULL ? request->length : 0;
    result = set_exchange(http, request);
    if (result != CURLE_OK)
        return error_set(err, ERROR_BUG, "the request cannot be prepared: %s", curl_easy_strerror(result));
    *ret_curl = http->curl;
    return true;
}

bool http_end(struct http *http, CURLcode result, struct http_answer *ret_answer, struct error *err) {
    struct http_answer *answer = &http->exchange.answer;
    bool ok = false;

    http->result = result;
    if (answer->body.failed)
        error_memory(err);
    else if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && answer->cut))
        ok = read_answer(http->curl, answer, err);
    else
        explain(http, result, err);
    if (ok) {
        *ret_answer = *answer;
        *answer = (struct http_answer){0};
    }
    forget(http);
    return ok;
}

bool http_send(struct http *http, const struct http_request *request, struct http_answer *ret_answer,
               struct error *err) {
    CURL *curl = NULL;

    return http_begin(http, request, &curl, err) && http_end(http, curl_easy_perform(curl), ret_answer, err);
}

enum http_failure http_failure(const struct http *http) {
    switch (http->result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_FAILURE_NAME;
    case CURLE_COULDNT_CONNECT:
        return HTTP_FAILURE_CONNECTION;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_FAILURE_LATE;
    case CURLE_PEER_FAILED_VERIFICATION:
        return HTTP_FAILURE_TRUST;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_FAILED_INIT:
        return HTTP_FAILURE_LOCAL;
    default:
        return HTTP_FAILURE_BROKEN;
    }
}

bool http_was_sent(const struct http *http) {
    curl_off_t uploaded = 0;
    long requested = 0;

    return curl_easy_getinfo(http->curl, CURLINFO_REQUEST_SIZE, &requested) == CURLE_OK && requested > 0 &&
           curl_easy_getinfo(http->curl, CURLINFO_SIZE_UPLOAD_T, &uploaded) == CURLE_OK && uploaded >= 0 &&
           (size_t)uploaded >= http->length;
}

const char *http_words(const struct http *http) {
    return http->words[0] != '\0' ? http->words : curl_easy_strerror(http->result);
}

void http_answer_free(struct http_answer *answer) {
    text_free(&answer->body);
    strings_free(&answer->challenges);
    OPENSSL_free(answer->certificate.data);
    *answer = (struct http_answer){0};
}

void http_close(struct http *http) {
    if (http == NULL)
        return;
    forget(http);
    curl_easy_cleanup(http->curl);
    free(http);
}
