/*
 * The channels to people behind the run loop's ports, each with its outbox in the state folder.
 */
#ifndef MONITOR_PORTS_NOTIFY_H
#define MONITOR_PORTS_NOTIFY_H

#include "base/error.h"
#include "core/ports.h"
#include "monitor/config/config.h"
#include "monitor/ports/sender.h"
#include "notify/mail/mail.h"
#include "notify/webhook/webhook.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* In the state folder. */
#define MAIL_OUTBOX "outbox"
#define WEBHOOK_OUTBOX "webhook"

struct notify_ports {
    struct sender sender;
    struct mail_channel mail;
    struct webhook_channel webhook;
    bool mail_open, webhook_open; /* their outboxes are */
};

/* Opens them in place; what is returned borrows it. Where the configuration names no relay, or no webhook, the port's
 * functions are NULL and what waits is only counted. Zero it before, close it after; on failure nothing is open. */
bool notify_ports_open(struct notify_ports *ports, const struct config *config, int state, time_t now,
                       struct channel_port *ret_mail, struct channel_port *ret_webhook, struct error *err) MUST_CHECK;

/* Tells by every channel, without a state folder, that a run could not begin because of `why`. Nothing is kept: what
 * cannot be sent now is said in `troubles`. */
void notify_ports_tell_stuck(const struct config *config, time_t now, const struct error *why,
                             struct strings *troubles);

void notify_ports_close(struct notify_ports *ports);

/* Messages that wait in the outboxes, and those that were given up since the state folder was made. */
size_t notify_ports_pending(const struct notify_ports *ports);
size_t notify_ports_given_up(const struct notify_ports *ports);

#endif
