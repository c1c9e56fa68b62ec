#include "base/limits.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define LIMITED 0
#else
#define LIMITED 1
#endif

/* Bytes of data and stacks. A look at 5,000 servers takes 12 MiB; the most of all is the largest history, 16 MiB as
 * text and some ten times that when it is read. */
#define DATA_MOST ((rlim_t)512 * 1024 * 1024)

void limits_set(void) {
    const struct rlimit none = {0, 0};
    struct rlimit data;

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    if (!LIMITED || getrlimit(RLIMIT_DATA, &data) != 0 || data.rlim_cur <= DATA_MOST)
        return;
    data.rlim_cur = DATA_MOST;
    (void)setrlimit(RLIMIT_DATA, &data);
}

void limits_lift(void) {
    struct rlimit data;

    if (getrlimit(RLIMIT_DATA, &data) != 0)
        return;
    data.rlim_cur = data.rlim_max;
    (void)setrlimit(RLIMIT_DATA, &data);
}
