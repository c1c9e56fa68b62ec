/*
 * When systemd starts the next run: asked of the manager over D-Bus, through libsystemd where that is there.
 */
#ifndef MONITOR_SHOW_SYSTEMD_TIMER_H
#define MONITOR_SHOW_SYSTEMD_TIMER_H

#include <stdbool.h>
#include <time.h>

/* The timer of this configuration: authcert.timer of the default one, authcert@NAME.timer of /etc/authcert/NAME.conf.
 * False when that cannot be learned: no systemd, no bus, no right to ask. *ret_at is 0 when the timer is not active. */
bool timer_next(const char *config_path, time_t *ret_at);

#endif
