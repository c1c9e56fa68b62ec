/*
 * The clock that nobody sets: for how long something takes and when to give up, never for what time it is.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment that stays the same while the process runs. */
int64_t clock_milliseconds(void);

/* Waits for so long. */
void clock_wait(int64_t milliseconds);

#endif
