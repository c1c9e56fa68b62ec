/*
 * The end of patience for one connection: a layer in libldap's socket, below TLS, that lets every read and write wait
 * only until a deadline. libldap's own timeouts do not cover a TLS handshake or a TLS record that stops half way.
 */
#ifndef LDAP_CONNECT_GUARD_H
#define LDAP_CONNECT_GUARD_H

#include "base/error.h"

#include <lber.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define GUARD_AHEAD 16384

struct guard {
    struct timespec deadline; /* monotonic */
    bool expired;             /* something waited until the deadline in vain */
    /* What was read and not yet asked for: a TLS record is asked for in two parts, and thousands of entries are as many
     * records. */
    unsigned char ahead[GUARD_AHEAD];
    size_t taken;
    size_t filled;
};

/* Puts the layer into a connected socket; `guard` outlives it. */
bool guard_install(struct guard *guard, Sockbuf *buffer) MUST_CHECK;

/* From now on everything has to be over within so many seconds. */
void guard_allow(struct guard *guard, int seconds);

/* Is the deadline past? */
bool guard_past(const struct guard *guard);

#endif
