#include "web/https.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/text.h"

#define BODY_KEPT 4096    /* of an answer, to look for parts of the address in it */
#define ANSWER_MOST 65536 /* bytes of headers, and of a body, that are waited for */
#define PART_LEAST 6      /* characters of a part of the address that give something away */
#define RETRY_MOST (7 * 86400)

struct exchange {
    char body[BODY_KEPT + 1];
    size_t kept;
    size_t received; /* of the body */
    size_t headers;
};

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
    const char *host;

    if (value == NULL || address->length == 0 || strlen(value) != address->length)
        return error_set(err, ERROR_CONFIG, "it holds no address; put one line with the https:// address into it");
    if (address->length > HTTPS_ADDRESS_MOST)
        return error_set(err, ERROR_CONFIG, "its address is longer than %d characters", HTTPS_ADDRESS_MOST);
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

static size_t on_body(char *data, size_t one, size_t size, void *context) {
    struct exchange *exchange = context;
    size_t room = BODY_KEPT - exchange->kept;

    size *= one;
    exchange->received += size;
    if (exchange->received > ANSWER_MOST)
        return 0;
    if (room > size)
        room = size;
    memcpy(exchange->body + exchange->kept, data, room);
    exchange->kept += room;
    return size;
}

static size_t on_header(char *data, size_t one, size_t size, void *context) {
    struct exchange *exchange = context;

    (void)data;
    size *= one;
    exchange->headers += size;
    return exchange->headers > ANSWER_MOST ? 0 : size;
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

/* libcurl's own words where they do not name the host, else those of its result. */
static const char *harmless(CURLcode result, const char *detail, const char *address) {
    const char *host = strstr(address, "://");
    char name[256];
    size_t length;

    if (detail[0] == '\0' || host == NULL || gives_away(detail, address))
        return curl_easy_strerror(result);
    host += 3;
    length = strcspn(host, "/?#");
    if (memchr(host, '@', length) != NULL)
        host = (const char *)memchr(host, '@', length) + 1;
    length = strcspn(host, host[0] == '[' ? "]/?#" : ":/?#");
    if (length == 0 || length >= sizeof name)
        return curl_easy_strerror(result);
    memcpy(name, host, length);
    name[length] = '\0';
    return strcasestr(detail, name) != NULL ? curl_easy_strerror(result) : detail;
}

static bool explain(CURLcode result, const char *detail, const struct https_request *request, struct error *err) {
    const char *why = harmless(result, detail, request->address->value);

    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return error_set(err, ERROR_NETWORK, "its host is not known to DNS; check the address%s",
                         request->proxy != NULL ? "" : ", and whether this host needs the setting proxy to get out");
    case CURLE_COULDNT_RESOLVE_PROXY:
        return error_set(err, ERROR_NETWORK, "the proxy %s is not known to DNS; check proxy", request->proxy);
    case CURLE_COULDNT_CONNECT:
        return error_set(err, ERROR_NETWORK, "no connection (%s); check that no firewall is between%s", why,
                         request->proxy != NULL ? " and that the proxy runs" : ", or set proxy");
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(err, ERROR_NETWORK, "no answer within %d seconds",
                         request->timeout > 0 ? request->timeout : HTTPS_TIMEOUT);
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

/* Sets one option and remembers the first that failed. */
#define SET(option, value)                                                                                             \
    do {                                                                                                               \
        if (result == CURLE_OK)                                                                                        \
            result = curl_easy_setopt(curl, option, value);                                                            \
    } while (0)

static CURLcode set_connection(CURL *curl, const struct https_request *request, const char *url) {
    const long timeout = request->timeout > 0 ? request->timeout : HTTPS_TIMEOUT;
    const bool clear = strncasecmp(url, "http://", 7) == 0;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, clear ? "http" : "https");
    /* In clear the proxy would read the address. */
    SET(CURLOPT_PROXY, clear || request->proxy == NULL ? "" : request->proxy);
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

static bool probe(CURL *curl, const struct https_request *request, const char *url, struct error *err) {
    char detail[CURL_ERROR_SIZE] = "";
    CURLcode result = set_connection(curl, request, url);

    SET(CURLOPT_ERRORBUFFER, detail);
    SET(CURLOPT_CONNECT_ONLY, 1L);
    if (result != CURLE_OK)
        return error_set(err, ERROR_BUG, "the connection cannot be prepared: %s", curl_easy_strerror(result));
    result = curl_easy_perform(curl);
    return result == CURLE_OK || explain(result, detail, request, err);
}

static CURLcode set_exchange(CURL *curl, const struct https_request *request, struct exchange *exchange, char *detail,
                             const struct curl_slist *headers) {
    CURLcode result = CURLE_OK;

    SET(CURLOPT_ERRORBUFFER, detail);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, exchange);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, exchange);
    if (request->body == NULL) {
        SET(CURLOPT_HTTPGET, 1L);
        return result;
    }
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, request->body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
    SET(CURLOPT_HTTPHEADER, headers);
    return result;
}

static bool read_answer(CURL *curl, struct exchange *exchange, const struct https_request *request,
                        struct https_answer *ret_answer, struct error *err) {
    struct https_answer answer = {0};
    curl_off_t retry = 0;
    long status = 0;
    size_t length;

    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status <= 0)
        return error_set(err, ERROR_NETWORK, "what answers there is no web server");
    if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry) != CURLE_OK || retry < 0)
        retry = 0;
    answer.status = (int)status;
    answer.retry_after = retry > RETRY_MOST ? RETRY_MOST : (int64_t)retry;
    exchange->body[exchange->kept] = '\0';
    if (strlen(exchange->body) == exchange->kept && !gives_away(exchange->body, request->address->value)) {
        length = strcspn(exchange->body, "\r\n");
        (void)text_printable(answer.said, sizeof answer.said, exchange->body, length);
    }
    *ret_answer = answer;
    return true;
}

static bool perform(CURL *curl, const struct https_request *request, const char *url, struct https_answer *ret_answer,
                    struct error *err) {
    struct exchange exchange = {.kept = 0};
    char detail[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    struct text type = {0};
    CURLcode result;
    bool ok = false;

    if (request->body != NULL) {
        text_format(&type, "Content-Type: %s", request->type);
        headers = type.failed ? NULL : curl_slist_append(NULL, type.value);
        if (headers == NULL) {
            error_memory(err);
            goto out;
        }
    }
    result = set_connection(curl, request, url);
    if (result == CURLE_OK)
        result = set_exchange(curl, request, &exchange, detail, headers);
    if (result != CURLE_OK) {
        error_set(err, ERROR_BUG, "the request cannot be prepared: %s", curl_easy_strerror(result));
        goto out;
    }
    result = curl_easy_perform(curl);
    if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && exchange.received > ANSWER_MOST))
        ok = read_answer(curl, &exchange, request, ret_answer, err);
    else
        explain(result, detail, request, err);
out:
    curl_slist_free_all(headers);
    text_free(&type);
    return ok;
}

/* `ret_answer`: NULL only to connect. */
static bool call(const struct https_request *request, struct https_answer *ret_answer, struct error *err) {
    char *url = NULL;
    CURL *curl = NULL;
    bool ok = false;

    if (!https_address_valid(request->address, err) || !make_url(request, &url, err))
        return false;
    curl = curl_easy_init();
    if (curl == NULL)
        error_memory(err);
    else
        ok = ret_answer != NULL ? perform(curl, request, url, ret_answer, err) : probe(curl, request, url, err);
    curl_easy_cleanup(curl);
    curl_free(url);
    return ok;
}

bool https_send(const struct https_request *request, struct https_answer *ret_answer, struct error *err) {
    return call(request, ret_answer, err);
}

bool https_probe(const struct https_request *request, struct error *err) {
    return call(request, NULL, err);
}
