/*
 * One HTTPS request to an address that is itself a secret: a chat room's webhook, a dead man's switch. The address is
 * in no error text and goes nowhere else: redirects are not followed, no proxy is taken from the environment, and of
 * an answer no more is shown than a known word. What the other side sends is capped and waited for with a limit.
 * Nothing is kept between calls.
 */
#ifndef WEB_HTTPS_H
#define WEB_HTTPS_H

#include "base/error.h"
#include "base/secret.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTPS_ADDRESS_MOST 2048 /* bytes of an address */
#define HTTPS_TIMEOUT 10        /* seconds for the whole exchange */

struct https_request {
    const struct secret *address;
    const char *suffix; /* added to the address's path, such as "/start"; NULL = nothing */
    const char *proxy;  /* http://, https:// or socks5h://HOST[:PORT]; NULL = none */
    const char *type;   /* static: Content-Type of the body */
    const char *body;   /* NULL = GET, else POST */
    size_t length;
    int timeout; /* seconds; 0 = HTTPS_TIMEOUT */
};

struct https_answer {
    int status;          /* 200, 404, ... */
    int64_t retry_after; /* seconds; 0 = not said */
    const char *said;    /* static: the one known word of the answer that may be shown; "" = none */
};

/* An https:// address with a host, printable ASCII without spaces; http:// only on this host's loopback. CONFIG error
 * that does not name it. */
bool https_address_valid(const struct secret *address, struct error *err) MUST_CHECK;

/* Only connects, over the proxy if there is one, and looks at the TLS certificate: nothing is asked. */
bool https_probe(const struct https_request *request, struct error *err) MUST_CHECK;

/* True when there is an answer, whatever its status. CONFIG for an unusable address or proxy, NETWORK when nothing
 * answered or TLS refused the peer, LOCAL. Error texts begin with what failed ("no connection (...)"), for the caller
 * to put its own words before. `ret_unclear`, set always: the request went out whole, and no answer says whether it was
 * taken. */
bool https_send(const struct https_request *request, struct https_answer *ret_answer, bool *ret_unclear,
                struct error *err) MUST_CHECK;

#endif
