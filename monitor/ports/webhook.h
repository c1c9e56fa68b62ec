/*
 * The webhook channel behind the run loop's port, with its own outbox in the state folder.
 */
#ifndef MONITOR_PORTS_WEBHOOK_H
#define MONITOR_PORTS_WEBHOOK_H

#include "base/error.h"
#include "core/ports.h"
#include "monitor/config/config.h"
#include "monitor/ports/sender.h"
#include "notify/webhook/webhook.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define WEBHOOK_OUTBOX "webhook" /* in the state folder */

struct webhook_port {
    struct sender sender;
    struct webhook_channel channel;
    bool open;
};

/* Opens it in place; ret_port borrows it. Where the configuration names no webhook the port's functions are NULL,
 * and what waits is only counted. Zero
 * it before, close it after with webhook_port_close. */
bool webhook_port_open(struct webhook_port *port, const struct config *config, int state, time_t now,
                       struct channel_port *ret_port, struct error *err) __attribute__((warn_unused_result));
void webhook_port_close(struct webhook_port *port);

/* Messages that wait for it, and those that were given up since the state folder was made. */
size_t webhook_port_pending(const struct webhook_port *port);
size_t webhook_port_given_up(const struct webhook_port *port);

#endif
