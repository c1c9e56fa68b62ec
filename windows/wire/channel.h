/*
 * A connection to one server's WinRM over which messages go and come: the log-in by Kerberos, each message sealed
 * within HTTP or carried by TLS, which the log-in is bound to. One message at a time, never twice: where a connection
 * was lost, it is not known whether the last one arrived. Waits for nobody but the key server; who asks many servers at
 * one time runs the handles in a crowd (web/crowd.h).
 */
#ifndef WINDOWS_WIRE_CHANNEL_H
#define WINDOWS_WIRE_CHANNEL_H

#include "base/error.h"
#include "base/text.h"
#include "kerberos/ticket.h"
#include "web/http.h"

#include <stdbool.h>
#include <stdint.h>

/* Borrowed for as long as the channel. */
struct channel_order {
    const char *host; /* the server's own full name */
    int port;
    bool tls;
    const char *ca_file;        /* NULL = this host's */
    const struct ticket *login; /* who goes there */
};

struct channel;

bool channel_open(const struct channel_order *order, struct channel **ret_channel, struct error *err) MUST_CHECK;

/* Sends a message, after a log-in where there is none yet. `patience`: milliseconds for each exchange. The handle is to
 * be run. */
bool channel_send(struct channel *channel, const struct text *message, int64_t patience, CURL **ret_curl,
                  struct error *err) MUST_CHECK;

/* The handle has ended. *ret_more: it is to be run again; else *ret_answer is the answer (the caller's to free), which
 * comes from the server itself, unread by anybody else. */
bool channel_step(struct channel *channel, CURLcode result, bool *ret_more, struct text *ret_answer,
                  struct error *err) MUST_CHECK;

/* After a failure. Could the last message have arrived? */
bool channel_may_have_arrived(const struct channel *channel);
/* Is it worth while to try once more, on a new connection: it broke off, or was not understood, before anything came of
 * it? */
bool channel_may_try_again(const struct channel *channel);
/* Was there an answer of any kind? */
bool channel_reached(const struct channel *channel);

/* From here on a new connection, with a new log-in. */
void channel_renew(struct channel *channel);

/* "WSMAN", "HOST" or "HTTP": whose ticket was taken, or tried last. */
const char *channel_service(const struct channel *channel);
/* How many requests went out. */
int channel_trips(const struct channel *channel);

/* Is the certificate of the server's connection bound to the log-in? Of TLS alone. */
bool channel_bound(const struct channel *channel);

void channel_close(struct channel *channel);

#endif
