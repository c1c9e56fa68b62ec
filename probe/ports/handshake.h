/*
 * One handshake as a conversation for probe/crowd.h: how it is prepared, and what came of it. The chain is taken as it
 * comes, before anything is checked; it counts also where the handshake fails later, for want of a certificate of ours.
 */
#ifndef PROBE_PORTS_HANDSHAKE_H
#define PROBE_PORTS_HANDSHAKE_H

#include "base/error.h"
#include "core/inventory/inventory.h"
#include "web/crowd.h"

#include <stdbool.h>
#include <stddef.h>

enum handshake_version { HANDSHAKE_ANY, HANDSHAKE_TLS_1_0, HANDSHAKE_TLS_1_1 };

struct handshake {
    struct crowd_member member;
    size_t index; /* the caller's */
    bool smtp;
    struct bytes chain[INVENTORY_CHAIN_MOST];
    size_t chain_count;
    bool failed; /* out of memory while the chain came */
    struct curl_slist *connect_to;
    char text[CURL_ERROR_SIZE]; /* libcurl's own words */
};

/* For one place, which is borrowed during the call alone. */
bool handshake_make(const struct place *place, size_t index, int timeout, enum handshake_version version,
                    struct handshake **ret_handshake, struct error *err) MUST_CHECK;

/* How it ended, and in `trouble` why nothing was shown (nothing with PLACE_SHOWN). Says good-bye where that is the
 * custom. */
enum place_state handshake_end(struct handshake *handshake, CURLcode result, int timeout, struct text *trouble);

void handshake_free(struct crowd_member *member);

#endif
