/*
 * What this process may use of the host: no core dumps, which would hold passwords, and no more memory than the largest
 * organization needs, so that an answer without an end is "out of memory", an ordinary failure.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Of an address sanitizer there is no memory limit: its own maps count. */
void limits_set(void);

/* For a child between fork and exec: another program may need more memory. Safe in a signal handler. */
void limits_lift(void);

#endif
