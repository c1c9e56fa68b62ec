#include "web/window.h"

#include <sys/resource.h>

#define DESCRIPTORS_KEPT 64 /* for everything else in this process */

bool window_has_room(const struct window *window) {
    return window->taken < window->seats && window->under_way < window->most;
}

void window_enter(struct window *window, struct seat *seat, int64_t now) {
    *seat = (struct seat){.since = now, .taken = true};
    window->taken++;
    window->under_way++;
}

bool window_wants_look(const struct seat *seat, int64_t now) {
    return !seat->connected && now - seat->since >= WINDOW_PATIENCE;
}

void window_looked(struct window *window, struct seat *seat, bool connected) {
    seat->connected = connected;
    if (connected && !seat->taken)
        window->taken++;
    if (!connected && seat->taken)
        window->taken--;
    seat->taken = connected;
}

void window_leave(struct window *window, const struct seat *seat) {
    if (seat->taken)
        window->taken--;
    window->under_way--;
}

size_t window_limit(size_t most) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > DESCRIPTORS_KEPT + 2 * most)
        return most;
    /* Two each: looking up a name takes a pair of sockets, and IPv4 is tried beside IPv6. */
    return limit.rlim_cur > DESCRIPTORS_KEPT + 2 ? (size_t)(limit.rlim_cur - DESCRIPTORS_KEPT) / 2 : 1;
}
