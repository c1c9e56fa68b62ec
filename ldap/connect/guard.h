/*
 * The end of patience for one connection: a layer in libldap's socket, below TLS, that lets every read and write wait
 * only until a deadline, and takes only so many bytes. libldap's own timeouts do not cover a TLS handshake or a TLS
 * record that stops half way; and it keeps every message of an answer until the last, however many there are.
 */
#ifndef LDAP_CONNECT_GUARD_H
#define LDAP_CONNECT_GUARD_H

#include "base/error.h"

#include <lber.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define GUARD_AHEAD 16384
#define GUARD_BYTES                                                                                                    \
    (256UL * 1024) /* of one answer that is no search's, and of all before the log-in: each has a few                  \
                    */

struct guard {
    struct timespec deadline; /* monotonic */
    bool expired;             /* something waited until the deadline in vain */
    size_t left;              /* bytes that may still come */
    bool flooded;             /* more came */
    /* What was read and not yet asked for: a TLS record is asked for in two parts, and thousands of entries are as many
     * records. */
    unsigned char ahead[GUARD_AHEAD];
    size_t taken;
    size_t filled;
};

/* Puts the layer into a connected socket; `guard` outlives it. */
bool guard_install(struct guard *guard, Sockbuf *buffer) MUST_CHECK;

/* From now on everything has to be over within so many seconds and bytes that are read. */
void guard_allow(struct guard *guard, int seconds, size_t bytes);

/* Is the deadline past? */
bool guard_past(const struct guard *guard);

#endif
