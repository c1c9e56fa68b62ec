/*
 * HTTP as a program speaks it: one connection at a time, kept between requests to the same place; the caller's headers;
 * the answer whatever its status. Redirects are not followed, no proxy and no password is taken from the environment or
 * a home, and what the other side sends is capped and waited for with a limit.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/error.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_TYPE_SIZE 160

struct http;

/* Borrowed until http_close. */
struct http_settings {
    const char *proxy;           /* http://, https:// or socks5h://HOST[:PORT]; NULL = none */
    int timeout;                 /* seconds for one exchange */
    size_t body_most;            /* bytes of an answer's body that are read */
    const char *ca_file;         /* of those that TLS certificates are checked against; NULL = this host's */
    const struct bytes *anchors; /* the same as PEM in memory, of whatever form the file has; NULL likewise */
    /* May libcurl's own words on a failure be shown? NULL = always. */
    bool (*may_show)(const void *context, const char *words);
    const void *context;
};

struct http_request {
    const char *url;               /* http:// or https:// */
    const struct strings *headers; /* "Name: value" each; NULL = none */
    const struct secret *bearer;   /* a token that goes along (RFC 6750); NULL = none */
    const char *body;              /* NULL = GET, else POST; borrowed until the answer */
    size_t length;
    bool alone;       /* over a connection of its own, which those after it may share */
    int64_t patience; /* milliseconds for this exchange alone; 0 = as the settings say */
};

struct http_answer {
    int status;                /* 200, 404, ... */
    int64_t retry_after;       /* seconds; 0 = not said */
    struct text body;          /* as it came */
    bool cut;                  /* there was more */
    bool fresh;                /* over a connection that was made for it */
    char type[HTTP_TYPE_SIZE]; /* Content-Type, printable; "" = none */
    struct strings challenges; /* the values of WWW-Authenticate, as they came */
    struct bytes certificate;  /* the server's own (DER), where this connection's TLS was made for it */
};

/* Why there is no answer. */
enum http_failure {
    HTTP_FAILURE_NAME,       /* the name has no address */
    HTTP_FAILURE_CONNECTION, /* none could be made */
    HTTP_FAILURE_LATE,       /* the time was over */
    HTTP_FAILURE_TRUST,      /* the TLS certificate is not to be trusted */
    HTTP_FAILURE_BROKEN,     /* the conversation broke off, or was no HTTP */
    HTTP_FAILURE_LOCAL       /* this host could not */
};

bool http_open(const struct http_settings *settings, struct http **ret_http, struct error *err) MUST_CHECK;

/* Only connects, over the proxy if there is one, and looks at the TLS certificate: nothing is asked. */
bool http_connect(struct http *http, const char *url, struct error *err) MUST_CHECK;

/* True when there is an answer, whatever its status. CONFIG for an unusable URL or proxy, NETWORK when nothing answered
 * or TLS refused the peer. Error texts begin with what failed ("no connection (...)") and do not name the URL. */
bool http_send(struct http *http, const struct http_request *request, struct http_answer *ret_answer,
               struct error *err) MUST_CHECK;

/* http_send in two halves, for whoever talks to many at one time (web/crowd.h): the handle, with the request on it;
 * and, when it has ended with libcurl's `result`, what came of it. */
bool http_begin(struct http *http, const struct http_request *request, CURL **ret_curl, struct error *err) MUST_CHECK;
bool http_end(struct http *http, CURLcode result, struct http_answer *ret_answer, struct error *err) MUST_CHECK;

/* After http_end failed: why, and libcurl's own words, printable ("" = none). */
enum http_failure http_failure(const struct http *http);
const char *http_words(const struct http *http);

/* After http_end failed: had the request gone out whole, so that the other side may have done what it asks? */
bool http_was_sent(const struct http *http);

void http_answer_free(struct http_answer *answer);

void http_close(struct http *http);

#endif
