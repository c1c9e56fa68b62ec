/*
 * Sends one HTTPS request to each of many servers, in parallel, and hands back what came of each. Hostile peers are
 * expected; see probe/probe.h for what is refused. Nothing is judged here.
 */
#ifndef PROBE_TRANSFER_H
#define PROBE_TRANSFER_H

#include "base/error.h"
#include "probe/answer.h"
#include "probe/authority.h"
#include "probe/target.h"

#include <stdbool.h>
#include <stddef.h>

struct transfer_settings {
    struct authority *authority; /* NULL = certificates are not checked */
    int timeout;                 /* seconds for each */
    int parallel;
    bool chain; /* bring the servers' certificates along */
};

/* Called once for each target, in any order. The answer is the caller's for that long only. False ends it all. */
typedef bool transfer_done(void *context, size_t index, const struct answer *answer, struct error *err);

/* Asks all targets, but those without url. LOCAL error when it cannot be done at all, or what `done` set. */
bool transfer_all(const struct transfer_settings *settings, const struct target *targets, size_t count,
                  transfer_done *done, void *context, struct error *err) MUST_CHECK;

#endif
