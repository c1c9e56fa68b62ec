#include "base/clock.h"

#include <time.h>

int64_t clock_milliseconds(void) {
    struct timespec at = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

void clock_wait(int64_t milliseconds) {
    const struct timespec span = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};

    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &span, NULL);
}
