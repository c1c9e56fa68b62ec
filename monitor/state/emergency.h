/*
 * The recovery of an organization whose current certificate could not be used, from the key pair that was made for it
 * to the write. A part of the history, so that whoever looks in the middle of it sees how far it got. Plain values;
 * empty when zeroed.
 */
#ifndef MONITOR_STATE_EMERGENCY_H
#define MONITOR_STATE_EMERGENCY_H

#include "core/slots.h"

#include <time.h>

/* Until all of Exchange's processes have read a change: the servicelet's pass every 12 h, and 30 minutes. */
#define EMERGENCY_SETTLES (12 * (time_t)3600 + 1800)

struct emergency {
    time_t since;                     /* 0 = there is none */
    char thumbprint[THUMBPRINT_SIZE]; /* of what is to become current; "" = that is not decided */
    time_t written_at;                /* a write was sent then that makes it current; 0 = not yet */
};

/* A key pair, or a certificate that is kept, is meant to become current. One that is under way for the same stays. */
void emergency_begin(struct emergency *emergency, const char *thumbprint, time_t now);

/* The write that makes it current is being sent. */
void emergency_write(struct emergency *emergency, const char *thumbprint, time_t now);

#endif
