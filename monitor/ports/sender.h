/*
 * Who speaks in a message: this host, this version, this run. Owns its strings.
 */
#ifndef MONITOR_PORTS_SENDER_H
#define MONITOR_PORTS_SENDER_H

#include "base/error.h"
#include "notify/words/speaker.h"

#include <stdbool.h>
#include <time.h>

struct sender {
    char host[256];
    char run_id[64];
    char invocation[33];    /* "" when systemd did not start this run */
    struct speaker speaker; /* points into the above and at the configuration's path */
};

/* Fills it in place (it points into itself: do not copy). CRYPTO error when there are no random bytes. */
bool sender_init(struct sender *sender, const char *config_path, time_t now, struct error *err) MUST_CHECK;

#endif
