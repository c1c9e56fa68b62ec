/*
 * HTTP as a program speaks it: one connection at a time, kept between requests to the same place; the caller's headers;
 * the answer whatever its status. Redirects are not followed, no proxy and no password is taken from the environment or
 * a home, and what the other side sends is capped and waited for with a limit.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/error.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;

/* Borrowed until http_close. */
struct http_settings {
    const char *proxy; /* http://, https:// or socks5h://HOST[:PORT]; NULL = none */
    int timeout;       /* seconds for one exchange */
    size_t body_most;  /* bytes of an answer's body that are read */
    /* May libcurl's own words on a failure be shown? NULL = always. */
    bool (*may_show)(const void *context, const char *words);
    const void *context;
};

struct http_request {
    const char *url;               /* http:// or https:// */
    const struct strings *headers; /* "Name: value" each; NULL = none */
    const char *body;              /* NULL = GET, else POST */
    size_t length;
};

struct http_answer {
    int status;          /* 200, 404, ... */
    int64_t retry_after; /* seconds; 0 = not said */
    struct text body;    /* as it came; the caller's to free */
    bool cut;            /* there was more */
};

bool http_open(const struct http_settings *settings, struct http **ret_http, struct error *err) MUST_CHECK;

/* Only connects, over the proxy if there is one, and looks at the TLS certificate: nothing is asked. */
bool http_connect(struct http *http, const char *url, struct error *err) MUST_CHECK;

/* True when there is an answer, whatever its status. CONFIG for an unusable URL or proxy, NETWORK when nothing answered
 * or TLS refused the peer. Error texts begin with what failed ("no connection (...)") and do not name the URL. */
bool http_send(struct http *http, const struct http_request *request, struct http_answer *ret_answer,
               struct error *err) MUST_CHECK;

void http_close(struct http *http);

#endif
