/*
 * Asks Exchange servers for their metadata documents over HTTPS, all of them in parallel, without logging in. Hostile
 * answers are expected: every one is capped in size and time, no redirect is followed, no proxy of the environment is
 * used, nothing is decompressed, and one slow or dead server never holds up the others. Nothing is judged here. What
 * the answers become in the facts is in monitor/look/probed.h.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include "base/error.h"
#include "base/progress.h"
#include "core/probed.h"
#include "base/text.h"

#include <stdbool.h>
#include <time.h>

/* Borrowed from the configuration; outlives every call. */
struct probe_settings {
    const char *url;      /* https:// template with {fqdn} */
    const char *tls_name; /* the name that every server's TLS certificate carries; NULL = each its own */
    bool verify;          /* false: documents give bytes, and every server is PROBED_UNCLEAR */
    const char *ca_file;  /* NULL = the system's */
    int timeout;          /* seconds that one server may take from the first packet to the last */
    int parallel;         /* how many are talked to at one time; those that do not even connect do not count for long */
};

/* Asks every server; ret_probed then has one entry each, in the same order. `now` is this host's clock, for the skew.
 * Each one that is done with is counted to `progress`. False only when nobody could be asked at all (LOCAL: no memory;
 * CONFIG: an unreadable CA file). */
bool probe_servers(const struct probe_settings *settings, const struct strings *servers, time_t now,
                   const struct progress_port *progress, struct probed *ret_probed, struct error *err) MUST_CHECK;

#endif
