/*
 * How many servers are talked to at one time. Each request begins with a seat; one that has no connection after a
 * moment gives its seat to another and waits outside, so that servers which never answer hold up nobody. Together they
 * are still limited, by descriptors and memory. Times are milliseconds of any steady clock.
 */
#ifndef WEB_WINDOW_H
#define WEB_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WINDOW_PATIENCE 100 /* milliseconds that a seat is kept without a connection */

struct window {
    size_t seats; /* how many there are */
    size_t most;  /* how many requests may be under way, those without a seat included */
    size_t taken;
    size_t under_way;
};

/* One request's part in it. */
struct seat {
    int64_t since;
    bool taken;
    bool connected;
};

bool window_has_room(const struct window *window);
void window_enter(struct window *window, struct seat *seat, int64_t now);

/* Is it time to look whether the request is connected by now? */
bool window_wants_look(const struct seat *seat, int64_t now);
/* What was seen. One that connects late takes a seat again, be it one more than there are: no other begins then. */
void window_looked(struct window *window, struct seat *seat, bool connected);

void window_leave(struct window *window, const struct seat *seat);

/* How many requests the descriptors of this process allow under way: at least 1, never more than `most`. */
size_t window_limit(size_t most);

#endif
