#include "probe/transfer.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "web/crowd.h"
#include "probe/document.h"

#define HEADERS_MOST ((size_t)64 * 1024)
#define OTHER_BODY_MOST ((size_t)16 * 1024) /* enough for the title of a page */
#define CHAIN_MOST 8

/* One request under way. */
struct transfer {
    struct crowd_member member;
    size_t index;
    struct curl_slist *connect_to;
    struct curl_slist *headers;
    size_t header_bytes;
    bool enough;   /* ended on purpose: the rest of the body is of no use */
    bool too_long; /* likewise: it is longer than a document may be */
    struct answer answer;
    char curl_text[CURL_ERROR_SIZE];
};

/* All of them. */
struct transfers {
    const struct transfer_settings *settings;
    const struct target *targets;
    transfer_done *done;
    void *context;
};

static size_t on_header(char *line, size_t one, size_t length, void *context) {
    struct transfer *transfer = context;

    length *= one;
    transfer->header_bytes += length;
    if (transfer->header_bytes > HEADERS_MOST)
        return 0;
    answer_header(&transfer->answer, line, length);
    return length;
}

static size_t on_body(char *data, size_t one, size_t length, void *context) {
    struct transfer *transfer = context;
    struct text *body = &transfer->answer.body;
    long status = 0;

    length *= one;
    curl_easy_getinfo(transfer->member.curl, CURLINFO_RESPONSE_CODE, &status);
    transfer->enough = status != 200 && body->length + length > OTHER_BODY_MOST;
    transfer->too_long = status == 200 && body->length + length > DOCUMENT_MOST;
    if (transfer->enough || transfer->too_long)
        return 0;
    text_add_bytes(body, data, length);
    return body->failed ? 0 : length;
}

/* Sets one option and remembers the first that failed. */
#define SET(option, value)                                                                                             \
    do {                                                                                                               \
        if (result == CURLE_OK)                                                                                        \
            result = curl_easy_setopt(curl, option, value);                                                            \
    } while (0)

/* What keeps a hostile server, and this host's environment, from more than one plain request. */
static CURLcode set_limits(CURL *curl, const struct transfer_settings *settings) {
    const long timeout = settings->timeout > 0 ? settings->timeout : 10;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a name server that does not answer must not hold up the end */
    SET(CURLOPT_TIMEOUT, timeout);
    SET(CURLOPT_CONNECTTIMEOUT, timeout);
    /* Each server is asked once. */
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    return result;
}

static CURLcode on_context(CURL *curl, void *tls, void *authority) {
    (void)curl;
    authority_apply(authority, tls);
    return CURLE_OK;
}

static CURLcode set_tls(CURL *curl, const struct transfer_settings *settings) {
    const bool verify = settings->authority != NULL;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
    SET(CURLOPT_CERTINFO, settings->chain ? 1L : 0L);
    /* libcurl itself reads no CA. */
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    if (verify) {
        SET(CURLOPT_SSL_CTX_FUNCTION, on_context);
        SET(CURLOPT_SSL_CTX_DATA, settings->authority);
    }
    return result;
}

static CURLcode set_request(struct transfer *transfer, const struct target *target) {
    CURL *curl = transfer->member.curl;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_URL, target->url);
    SET(CURLOPT_USERAGENT, "authcert");
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_CONNECT_TO, transfer->connect_to);
    SET(CURLOPT_ERRORBUFFER, transfer->curl_text);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    return result;
}

static bool append(struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer)
        *list = longer;
    return longer != NULL;
}

static void release(struct crowd_member *member) {
    struct transfer *transfer = (struct transfer *)member;

    curl_easy_cleanup(member->curl);
    curl_slist_free_all(transfer->connect_to);
    curl_slist_free_all(transfer->headers);
    answer_free(&transfer->answer);
    free(transfer);
}

static bool begin(void *context, size_t index, struct crowd_member **ret_member, struct error *err) {
    const struct transfers *transfers = context;
    const struct target *target = &transfers->targets[index];
    struct transfer *transfer;
    CURLcode result;

    if (!target->url)
        return true;
    transfer = calloc(1, sizeof(*transfer));
    if (!transfer)
        return error_memory(err);
    transfer->index = index;
    transfer->member.curl = curl_easy_init();
    if (!transfer->member.curl || !append(&transfer->headers, "Accept: application/json") ||
        (target->host_header && !append(&transfer->headers, target->host_header)) ||
        (target->connect_to && !append(&transfer->connect_to, target->connect_to))) {
        release(&transfer->member);
        return error_memory(err);
    }
    result = set_limits(transfer->member.curl, transfers->settings);
    if (result == CURLE_OK)
        result = set_tls(transfer->member.curl, transfers->settings);
    if (result == CURLE_OK)
        result = set_request(transfer, target);
    if (result != CURLE_OK) {
        release(&transfer->member);
        return error_set(err, ERROR_LOCAL, "cannot prepare a request to %s: %s", target->url,
                         curl_easy_strerror(result));
    }
    *ret_member = &transfer->member;
    return true;
}

static enum ending ending_of(const struct transfer *transfer, CURLcode result) {
    switch (result) {
    case CURLE_OK:
        return ENDING_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
        return ENDING_NO_NAME;
    case CURLE_COULDNT_CONNECT:
        return ENDING_NO_CONNECTION;
    case CURLE_OPERATION_TIMEDOUT:
        return ENDING_LATE;
    case CURLE_PEER_FAILED_VERIFICATION:
        return ENDING_UNTRUSTED;
    case CURLE_SSL_CONNECT_ERROR:
        return ENDING_NO_TLS;
    case CURLE_OUT_OF_MEMORY: /* which libcurl says of a single header line beyond its own limit, too */
        return transfer->answer.status != 0 && transfer->answer.body.length == 0 ? ENDING_HEADERS_LONG : ENDING_LOCAL;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_FAILED_INIT:
        return ENDING_LOCAL;
    default:
        break;
    }
    if (transfer->enough)
        return ENDING_ANSWERED;
    if (transfer->too_long)
        return ENDING_BODY_LONG;
    if (transfer->answer.body.failed)
        return ENDING_LOCAL;
    if (transfer->header_bytes > HEADERS_MOST)
        return ENDING_HEADERS_LONG;
    return transfer->answer.secured || !transfer->answer.connected ? ENDING_BROKEN : ENDING_NO_TLS;
}

/* The certificates that the server showed, as libcurl lists them: one list of "Name:value" each. */
static void take_chain(struct transfer *transfer) {
    static const char name[] = "Cert:";
    struct curl_certinfo *info = NULL;

    if (curl_easy_getinfo(transfer->member.curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info)
        return;
    for (int i = 0; i < info->num_of_certs && i < CHAIN_MOST; i++)
        for (const struct curl_slist *line = info->certinfo[i]; line; line = line->next)
            if (strncmp(line->data, name, strlen(name)) == 0)
                strings_add(&transfer->answer.chain, "%s", line->data + strlen(name));
}

static bool ended(void *context, struct crowd_member *member, CURLcode result, int64_t waited, bool *ret_more,
                  struct error *err) {
    const struct transfers *transfers = context;
    struct transfer *transfer = (struct transfer *)member;
    struct answer *answer = &transfer->answer;
    const char *detail = transfer->curl_text[0] ? transfer->curl_text : curl_easy_strerror(result);
    CURL *curl = member->curl;
    curl_off_t time = 0;
    time_t date;
    long number = 0;

    (void)ret_more;
    answer->connected = sockets_connected(&member->sockets);
    answer->secured = curl_easy_getinfo(curl, CURLINFO_APPCONNECT_TIME_T, &time) == CURLE_OK && time > 0;
    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &number) == CURLE_OK)
        answer->status = (int)number;
    answer->ending = ending_of(transfer, result);
    number = 0;
    if (answer->ending == ENDING_UNTRUSTED && curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &number) == CURLE_OK)
        answer->verify_result = number;
    number = 0;
    if (answer->ending == ENDING_NO_CONNECTION && curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number) == CURLE_OK &&
        number != 0)
        detail = strerror((int)number);
    if (result != CURLE_OK)
        text_printable(answer->detail, sizeof(answer->detail), detail, strlen(detail));
    date = answer->date[0] ? curl_getdate(answer->date, NULL) : -1;
    answer->clock_known = date != -1;
    answer->clock = date;
    answer->waited = waited / 1000;
    if (transfers->settings->chain)
        take_chain(transfer);
    return transfers->done(transfers->context, transfer->index, answer, err);
}

bool transfer_all(const struct transfer_settings *settings, const struct target *targets, size_t count,
                  transfer_done *done, void *context, struct error *err) {
    struct transfers transfers = {.settings = settings, .targets = targets, .done = done, .context = context};
    const struct crowd_order order = {.count = count,
                                      .parallel = settings->parallel,
                                      .begin = begin,
                                      .ended = ended,
                                      .release = release,
                                      .context = &transfers};

    return crowd_run(&order, err);
}
