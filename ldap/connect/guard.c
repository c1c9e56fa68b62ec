#include "ldap/connect/guard.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>

#define MILLISECONDS 1000
#define NANOSECONDS_PER_MILLISECOND 1000000

/* Above libldap's socket layer, below its TLS layer. */
#define LEVEL (LBER_SBIOD_LEVEL_PROVIDER + 5)

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

void guard_allow(struct guard *guard, int seconds, size_t bytes) {
    clock_gettime(CLOCK_MONOTONIC, &guard->deadline);
    guard->deadline.tv_sec += seconds;
    guard->expired = guard->flooded = false;
    guard->left = bytes;
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

/* Gives less than was asked for rather than wait for the rest: libldap's own timeout is the shorter one. (That is why
 * liblber's ber_sockbuf_io_readahead does not serve here.) */
static ber_slen_t guarded_read(Sockbuf_IO_Desc *layer, void *data, ber_len_t length) {
    struct guard *guard = layer->sbiod_pvt;

    if (guard->taken == guard->filled) {
        ber_slen_t got = wait_for(layer, POLLIN) ? LBER_SBIOD_READ_NEXT(layer, guard->ahead, GUARD_AHEAD) : -1;

        if (got <= 0)
            return got;
        if ((size_t)got > guard->left) {
            guard->flooded = true;
            errno = EMSGSIZE;
            return -1;
        }
        guard->left -= (size_t)got;
        guard->taken = 0;
        guard->filled = (size_t)got;
    }
    if (length > guard->filled - guard->taken)
        length = guard->filled - guard->taken;
    memcpy(data, guard->ahead + guard->taken, length);
    guard->taken += length;
    return (ber_slen_t)length;
}

static ber_slen_t guarded_write(Sockbuf_IO_Desc *layer, void *data, ber_len_t length) {
    return wait_for(layer, POLLOUT) ? LBER_SBIOD_WRITE_NEXT(layer, data, length) : -1;
}

static int guarded_setup(Sockbuf_IO_Desc *layer, void *guard) {
    layer->sbiod_pvt = guard;
    return 0;
}

/* libldap polls the socket unless it hears that there is something to read already. */
static int guarded_ctrl(Sockbuf_IO_Desc *layer, int option, void *value) {
    const struct guard *guard = layer->sbiod_pvt;

    if (option == LBER_SB_OPT_DATA_READY && guard->taken < guard->filled)
        return 1;
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

    return ber_sockbuf_add_io(buffer, &layer, LEVEL, guard) == 0;
}
