#include "probe/transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

#include "probe/document.h"
#include "probe/sockets.h"
#include "probe/window.h"

#define HEADERS_MOST ((size_t)64 * 1024)
#define OTHER_BODY_MOST ((size_t)16 * 1024) /* enough for the title of a page */
#define CHAIN_MOST 8
#define UNDER_WAY_MOST 512
#define EVENTS_AT_ONCE 64
#define LOOK_EVERY 20 /* milliseconds */

/* One request under way. */
struct transfer {
    size_t index;
    CURL *curl;
    struct curl_slist *connect_to;
    struct curl_slist *headers;
    struct sockets sockets;
    struct place place;
    size_t header_bytes;
    bool enough;   /* ended on purpose: the rest of the body is of no use */
    bool too_long; /* likewise: it is longer than a document may be */
    struct answer answer;
    char curl_text[CURL_ERROR_SIZE];
};

/* All of them. */
struct crowd {
    const struct transfer_settings *settings;
    const struct target *targets;
    size_t count;
    size_t next; /* the first target that was not begun */
    transfer_done *done;
    void *context;
    CURLM *multi;
    int epoll;
    int64_t began;
    int64_t alarm; /* when libcurl wants to be called; -1 = not by time */
    int64_t looked;
    struct window window;
    struct transfer *under_way[UNDER_WAY_MOST]; /* window.under_way of them */
};

static int64_t clock_now(void) {
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    transfer->enough = status != 200 && body->length + length > OTHER_BODY_MOST;
    transfer->too_long = status == 200 && body->length + length > DOCUMENT_MOST;
    if (transfer->enough || transfer->too_long)
        return 0;
    text_add_bytes(body, data, length);
    return body->failed ? 0 : length;
}

/* The transfer of a handle; NULL for one that libcurl made for itself. */
static struct transfer *transfer_of(CURL *curl) {
    char *private = NULL;

    return curl_easy_getinfo(curl, CURLINFO_PRIVATE, &private) == CURLE_OK ? (struct transfer *)(void *)private : NULL;
}

/* libcurl tells of a socket it is about to close as of one on which it waits no longer. */
static int on_socket(CURL *curl, curl_socket_t socket, int what, void *context, void *known) {
    struct crowd *crowd = context;
    struct transfer *transfer = transfer_of(curl);
    struct epoll_event event = {.data.fd = socket};

    if (transfer && what == CURL_POLL_REMOVE)
        sockets_drop(&transfer->sockets, socket);
    else if (transfer)
        sockets_wait(&transfer->sockets, socket);
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    event.events =
        ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0U);
    if (known)
        return epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, socket, &event);
    curl_multi_assign(crowd->multi, socket, crowd);
    return epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, socket, &event);
}

static int on_timer(CURLM *multi, long wait, void *context) {
    struct crowd *crowd = context;

    (void)multi;
    crowd->alarm = wait < 0 ? -1 : clock_now() + wait;
    return 0;
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

static CURLcode set_tls(CURL *curl, const struct transfer_settings *settings) {
    const char *bundle = NULL;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, settings->verify ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYHOST, settings->verify ? 2L : 0L);
    SET(CURLOPT_CERTINFO, settings->chain ? 1L : 0L);
    if (settings->ca_file)
        SET(CURLOPT_CAINFO, settings->ca_file);
    else if (result == CURLE_OK)
        result = curl_easy_getinfo(curl, CURLINFO_CAINFO, &bundle);
    /* The named file alone is trusted; and only without a folder is it read but once for all servers. */
    if (settings->ca_file || bundle)
        SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_CA_CACHE_TIMEOUT, -1L);
    return result;
}

static CURLcode set_request(struct transfer *transfer, const struct target *target) {
    CURL *curl = transfer->curl;
    CURLcode result = CURLE_OK;

    SET(CURLOPT_URL, target->url);
    SET(CURLOPT_USERAGENT, "authcert");
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_CONNECT_TO, transfer->connect_to);
    SET(CURLOPT_ERRORBUFFER, transfer->curl_text);
    SET(CURLOPT_PRIVATE, transfer);
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

static void transfer_free(struct transfer *transfer) {
    if (!transfer)
        return;
    curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->connect_to);
    curl_slist_free_all(transfer->headers);
    answer_free(&transfer->answer);
    free(transfer);
}

static bool begin(struct crowd *crowd, size_t index, struct error *err) {
    const struct target *target = &crowd->targets[index];
    struct transfer *transfer = calloc(1, sizeof(*transfer));
    CURLcode result;

    if (!transfer)
        return error_memory(err);
    transfer->index = index;
    transfer->curl = curl_easy_init();
    if (!transfer->curl || !append(&transfer->headers, "Accept: application/json") ||
        (target->host_header && !append(&transfer->headers, target->host_header)) ||
        (target->connect_to && !append(&transfer->connect_to, target->connect_to))) {
        transfer_free(transfer);
        return error_memory(err);
    }
    result = set_limits(transfer->curl, crowd->settings);
    if (result == CURLE_OK)
        result = set_tls(transfer->curl, crowd->settings);
    if (result == CURLE_OK)
        result = set_request(transfer, target);
    if (result != CURLE_OK || curl_multi_add_handle(crowd->multi, transfer->curl) != CURLM_OK) {
        transfer_free(transfer);
        return error_set(err, ERROR_LOCAL, "cannot prepare a request to %s: %s", target->url,
                         result != CURLE_OK ? curl_easy_strerror(result) : "libcurl is not able to");
    }
    crowd->under_way[crowd->window.under_way] = transfer;
    window_enter(&crowd->window, &transfer->place, clock_now());
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

    if (curl_easy_getinfo(transfer->curl, CURLINFO_CERTINFO, &info) != CURLE_OK || !info)
        return;
    for (int i = 0; i < info->num_of_certs && i < CHAIN_MOST; i++)
        for (const struct curl_slist *line = info->certinfo[i]; line; line = line->next)
            if (strncmp(line->data, name, strlen(name)) == 0)
                strings_add(&transfer->answer.chain, "%s", line->data + strlen(name));
}

static void conclude(struct crowd *crowd, struct transfer *transfer, CURLcode result) {
    struct answer *answer = &transfer->answer;
    const char *detail = transfer->curl_text[0] ? transfer->curl_text : curl_easy_strerror(result);
    curl_off_t time = 0;
    time_t date;
    long number = 0;

    answer->connected = sockets_connected(&transfer->sockets);
    answer->secured = curl_easy_getinfo(transfer->curl, CURLINFO_APPCONNECT_TIME_T, &time) == CURLE_OK && time > 0;
    if (curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &number) == CURLE_OK)
        answer->status = (int)number;
    answer->ending = ending_of(transfer, result);
    number = 0;
    if (answer->ending == ENDING_UNTRUSTED &&
        curl_easy_getinfo(transfer->curl, CURLINFO_SSL_VERIFYRESULT, &number) == CURLE_OK)
        answer->verify_result = number;
    number = 0;
    if (answer->ending == ENDING_NO_CONNECTION &&
        curl_easy_getinfo(transfer->curl, CURLINFO_OS_ERRNO, &number) == CURLE_OK && number != 0)
        detail = strerror((int)number);
    if (result != CURLE_OK)
        text_printable(answer->detail, sizeof(answer->detail), detail, strlen(detail));
    date = answer->date[0] ? curl_getdate(answer->date, NULL) : -1;
    answer->clock_known = date != -1;
    answer->clock = date;
    answer->waited = (clock_now() - crowd->began) / 1000;
    if (crowd->settings->chain)
        take_chain(transfer);
}

/* Hands back everything that has ended. */
static bool collect(struct crowd *crowd, struct error *err) {
    const CURLMsg *message;
    bool ok = true;
    int left;

    while (ok && (message = curl_multi_info_read(crowd->multi, &left)) != NULL) {
        CURLcode result = message->data.result;
        CURL *curl = message->easy_handle;
        struct transfer *transfer;
        size_t at = 0;

        transfer = message->msg == CURLMSG_DONE ? transfer_of(curl) : NULL;
        if (!transfer)
            continue;
        conclude(crowd, transfer, result);
        curl_multi_remove_handle(crowd->multi, curl);
        while (crowd->under_way[at] != transfer)
            at++;
        crowd->under_way[at] = crowd->under_way[crowd->window.under_way - 1];
        window_leave(&crowd->window, &transfer->place);
        ok = crowd->done(crowd->context, transfer->index, &transfer->answer, err);
        transfer_free(transfer);
    }
    return ok;
}

static void look(struct crowd *crowd, int64_t now) {
    if (now - crowd->looked < LOOK_EVERY)
        return;
    crowd->looked = now;
    for (size_t i = 0; i < crowd->window.under_way; i++) {
        struct transfer *transfer = crowd->under_way[i];

        if (window_wants_look(&transfer->place, now))
            window_looked(&crowd->window, &transfer->place, sockets_connected(&transfer->sockets));
    }
}

static bool begin_more(struct crowd *crowd, struct error *err) {
    for (; crowd->next < crowd->count && window_has_room(&crowd->window); crowd->next++)
        if (crowd->targets[crowd->next].url && !begin(crowd, crowd->next, err))
            return false;
    return true;
}

/* Waits until something happens on a socket or by time, and lets libcurl go on. */
static bool step(struct crowd *crowd, struct error *err) {
    struct epoll_event events[EVENTS_AT_ONCE];
    int64_t now = clock_now();
    int64_t wait = crowd->alarm < 0 ? LOOK_EVERY : crowd->alarm - now;
    CURLMcode code = CURLM_OK;
    int running;
    int count;

    wait = wait < 0 ? 0 : wait > LOOK_EVERY ? LOOK_EVERY : wait;
    count = epoll_wait(crowd->epoll, events, EVENTS_AT_ONCE, (int)wait);
    if (count < 0 && errno != EINTR)
        return error_errno(err, errno, "cannot wait for answers");
    for (int i = 0; i < count && code <= CURLM_OK; i++) {
        int what = ((events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);

        code = curl_multi_socket_action(crowd->multi, events[i].data.fd, what, &running);
    }
    now = clock_now();
    if (code <= CURLM_OK && crowd->alarm >= 0 && now >= crowd->alarm) {
        crowd->alarm = -1;
        code = curl_multi_socket_action(crowd->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    look(crowd, now);
    /* Once on_socket has failed, libcurl does nothing more, and some requests would never end. */
    return code <= CURLM_OK ||
           error_set(err, ERROR_LOCAL,
                     "cannot wait for answers: libcurl gave up; free memory or descriptors on this host");
}

static bool open_crowd(struct crowd *crowd, struct error *err) {

    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (crowd->epoll < 0)
        return error_errno(err, errno, "cannot wait for several servers at a time");
    crowd->multi = curl_multi_init();
    if (!crowd->multi || curl_multi_setopt(crowd->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
        curl_multi_setopt(crowd->multi, CURLMOPT_SOCKETDATA, crowd) != CURLM_OK ||
        curl_multi_setopt(crowd->multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
        curl_multi_setopt(crowd->multi, CURLMOPT_TIMERDATA, crowd) != CURLM_OK ||
        curl_multi_setopt(crowd->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) != CURLM_OK)
        return error_memory(err);
    return true;
}

bool transfer_all(const struct transfer_settings *settings, const struct target *targets, size_t count,
                  transfer_done *done, void *context, struct error *err) {
    struct crowd *crowd = calloc(1, sizeof(*crowd));
    bool ok;

    if (!crowd)
        return error_memory(err);
    *crowd = (struct crowd){.settings = settings,
                            .targets = targets,
                            .count = count,
                            .done = done,
                            .context = context,
                            .epoll = -1,
                            .began = clock_now(),
                            .alarm = -1,
                            .window = {.places = settings->parallel > 0 ? (size_t)settings->parallel : 1,
                                       .most = window_limit(UNDER_WAY_MOST)}};
    ok = open_crowd(crowd, err) && begin_more(crowd, err);
    while (ok && crowd->window.under_way > 0)
        ok = step(crowd, err) && collect(crowd, err) && begin_more(crowd, err);
    for (size_t i = 0; i < crowd->window.under_way; i++) {
        curl_multi_remove_handle(crowd->multi, crowd->under_way[i]->curl);
        transfer_free(crowd->under_way[i]);
    }
    if (crowd->multi)
        curl_multi_cleanup(crowd->multi);
    if (crowd->epoll >= 0)
        close(crowd->epoll);
    free(crowd);
    return ok;
}
