/*
 * The mail channel behind the run loop's port, with its outbox in the state folder.
 */
#ifndef MONITOR_PORTS_MAIL_H
#define MONITOR_PORTS_MAIL_H

#include "base/error.h"
#include "core/ports.h"
#include "monitor/config/config.h"
#include "monitor/ports/sender.h"
#include "notify/mail/mail.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define MAIL_OUTBOX "outbox" /* in the state folder */

struct mail_port {
    struct sender sender;
    struct mail_channel channel;
    bool open;
};

/* Opens it in place; ret_port borrows it. Where the configuration names no relay the port's functions are NULL,
 * and what waits is only counted. Zero it
 * before, close it after with mail_port_close. */
bool mail_port_open(struct mail_port *port, const struct config *config, int state, time_t now,
                    struct channel_port *ret_port, struct error *err) __attribute__((warn_unused_result));
void mail_port_close(struct mail_port *port);

/* Messages that wait in the outbox, and those that were given up since the state folder was made. */
size_t mail_port_pending(const struct mail_port *port);
size_t mail_port_given_up(const struct mail_port *port);

#endif
