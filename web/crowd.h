/*
 * Many conversations of libcurl at one time: begins them as window.h allows, waits on all of their sockets at once, and
 * hands each back when it has ended, so that one slow peer never holds up the others. A conversation may be of several
 * requests, one after the other, over one kept connection. Knows neither what is asked nor of whom.
 */
#ifndef WEB_CROWD_H
#define WEB_CROWD_H

#include "base/error.h"
#include "web/sockets.h"
#include "web/window.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One conversation: the first member of whatever the caller needs for it. */
struct crowd_member {
    CURL *curl; /* ready to go; its CURLOPT_PRIVATE is the crowd's */
    struct sockets sockets;
    struct seat seat;
};

struct crowd_order {
    size_t count;
    int parallel; /* how many are talked to at one time */
    bool single;  /* never two connections to one host: what was agreed on over one holds for no other */
    /* Makes the one with this number; NULL where there is nobody to talk to. */
    bool (*begin)(void *context, size_t index, struct crowd_member **ret_member, struct error *err);
    /* It has ended, `waited` milliseconds after the first began; false ends all. *ret_more is false: set it where the
     * handle was prepared for a further request, which goes out at once. */
    bool (*ended)(void *context, struct crowd_member *member, CURLcode result, int64_t waited, bool *ret_more,
                  struct error *err);
    /* Called once for each that was made, after `ended` or in the place of it. */
    void (*release)(struct crowd_member *member);
    void *context;
};

/* Returns when all have ended. LOCAL error when it cannot be done at all, or what `begin` or `ended` set. */
bool crowd_run(const struct crowd_order *order, struct error *err) MUST_CHECK;

#endif
