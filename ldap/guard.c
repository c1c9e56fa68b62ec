#include "ldap/guard.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>

#define MILLISECONDS 1000
#define NANOSECONDS_PER_MILLISECOND 1000000

static int milliseconds_left(const struct guard *guard) {
    struct timespec now = {0};
    int64_t left;

    clock_gettime(CLOCK_MONOTONIC, &now);
    left = (int64_t)(guard->deadline.tv_sec - now.tv_sec) * MILLISECONDS +
           (guard->deadline.tv_nsec - now.tv_nsec) / NANOSECONDS_PER_MILLISECOND;
    if (left < 0)
        return 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

void guard_allow(struct guard *guard, int seconds) {
    clock_gettime(CLOCK_MONOTONIC, &guard->deadline);
    guard->deadline.tv_sec += seconds;
    guard->expired = false;
}

bool guard_past(const struct guard *guard) {
    return milliseconds_left(guard) == 0;
}

/* Waits until the socket is ready. ETIMEDOUT ends the connection for libldap; EAGAIN would let it try for ever. */
static bool wait_for(Sockbuf_IO_Desc *layer, short events) {
    struct guard *guard = layer->sbiod_pvt;
    struct pollfd waited = {.fd = -1, .events = events};
    ber_socket_t socket_ = -1;
    int ready;

    if (ber_sockbuf_ctrl(layer->sbiod_sb, LBER_SB_OPT_GET_FD, &socket_) != 1)
        return true;
    waited.fd = socket_;
    do {
        ready = poll(&waited, 1, milliseconds_left(guard));
    } while (ready < 0 && errno == EINTR);
    if (ready != 0)
        return true;
    guard->expired = true;
    errno = ETIMEDOUT;
    return false;
}

static ber_slen_t guarded_read(Sockbuf_IO_Desc *layer, void *data, ber_len_t length) {
    return wait_for(layer, POLLIN) ? LBER_SBIOD_READ_NEXT(layer, data, length) : -1;
}

static ber_slen_t guarded_write(Sockbuf_IO_Desc *layer, void *data, ber_len_t length) {
    return wait_for(layer, POLLOUT) ? LBER_SBIOD_WRITE_NEXT(layer, data, length) : -1;
}

static int guarded_setup(Sockbuf_IO_Desc *layer, void *guard) {
    layer->sbiod_pvt = guard;
    return 0;
}

static int guarded_ctrl(Sockbuf_IO_Desc *layer, int option, void *value) {
    return LBER_SBIOD_CTRL_NEXT(layer, option, value);
}

static int guarded_nothing(Sockbuf_IO_Desc *layer) {
    (void)layer;
    return 0;
}

bool guard_install(struct guard *guard, Sockbuf *buffer) {
    /* libldap wants it writable and writes nothing into it. */
    static Sockbuf_IO layer = {
        .sbi_setup = guarded_setup,
        .sbi_remove = guarded_nothing,
        .sbi_ctrl = guarded_ctrl,
        .sbi_read = guarded_read,
        .sbi_write = guarded_write,
        .sbi_close = guarded_nothing,
    };

    return ber_sockbuf_add_io(buffer, &layer, GUARD_LEVEL, guard) == 0;
}
