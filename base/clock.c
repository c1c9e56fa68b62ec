#include "base/clock.h"

#include <time.h>

int64_t clock_milliseconds(void) {
    struct timespec at = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}
